package service

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// makeFIFO makes the FIFO that a service writes to, unless it is there: then
// what is in it is still to be read.
func makeFIFO(path string) error {
	err := syscall.Mkfifo(path, 0o600)
	if err != nil && err != syscall.EEXIST {
		return &os.PathError{Op: "mkfifo", Path: path, Err: err}
	}
	return nil
}

// openFIFO opens it. Who has it for reading and writing sees no end of it, and no
// broken pipe, while the other side is away. fifo(7)
//
// Not by os.OpenFile, which lets no FIFO block: the service would have to know.
func openFIFO(path string, flags int) (*os.File, error) {
	fd, err := syscall.Open(path, flags|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	st, err := f.Stat()
	if err == nil && st.Mode().Type() != os.ModeNamedPipe {
		err = &os.PathError{Op: "open", Path: path, Err: errors.New("not a FIFO")}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// pump moves what a service writes into its log, until Close.
type pump struct {
	fifo *os.File
	log  *logFile
	warn func(error)
	done chan struct{}
}

// startPump begins with what is in the FIFO already.
func startPump(fifo string, log *logFile, warn func(error)) (*pump, error) {
	f, err := openFIFO(fifo, syscall.O_RDWR|syscall.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	p := &pump{fifo: f, log: log, warn: warn, done: make(chan struct{})}
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, err
	}
	go p.run(raw)
	return p, nil
}

func (p *pump) run(raw syscall.RawConn) {
	defer close(p.done)
	// The function is called whenever there may be something in the FIFO.
	raw.Read(func(fd uintptr) bool {
		p.drain(int(fd))
		return false
	})
}

// drain moves until the pipe is empty.
func (p *pump) drain(fd int) {
	for {
		err := p.log.take(fd)
		if err == nil {
			continue
		}
		first := p.log.lost == 0
		if errors.Is(err, syscall.EAGAIN) || p.log.skip(fd) != nil {
			return // a log that cannot be written is one only if there is something to write
		}
		if first {
			p.warn(err)
		}
	}
}

// Close moves what there is, and ends.
func (p *pump) Close() error {
	if raw, err := p.fifo.SyscallConn(); err == nil {
		p.fifo.SetReadDeadline(time.Unix(1, 0))
		<-p.done
		raw.Control(func(fd uintptr) { p.drain(int(fd)) })
	}
	return errors.Join(p.fifo.Close(), p.log.Close())
}
