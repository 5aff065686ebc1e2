package service

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
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

// pump moves what a service writes into its log, until Close. As long as the log
// takes nothing, what is written is thrown away.
type pump struct {
	fifo *os.File
	tell func(trouble error, over bool)
	done chan struct{}

	mu      sync.Mutex // of log; held as long as a disk that hangs takes
	log     *logFile
	trouble atomic.Pointer[error] // why the log took nothing at last; nil: it did
}

// startPump begins with what is in the FIFO already. It tells of trouble with the
// log when that begins, and when it is over.
func startPump(fifo string, log *logFile, tell func(trouble error, over bool)) (*pump, error) {
	f, err := openFIFO(fifo, syscall.O_RDWR|syscall.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	p := &pump{fifo: f, log: log, tell: tell, done: make(chan struct{})}
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, err
	}
	p.look()
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
	for p.step(fd) {
	}
}

// step tells whether there may be more.
func (p *pump) step(fd int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.log.take(fd)
	if errors.Is(err, syscall.EAGAIN) {
		return false
	}
	more := err == nil || p.log.skip(fd) == nil
	if err == nil || p.log.lost > 0 { // a log that cannot be written is one only if there is something to write
		p.troubled(err)
	}
	return more
}

// look tells why the log takes nothing, where that can be known without writing, and
// without waiting for who writes.
func (p *pump) look() error {
	if p.mu.TryLock() {
		if p.log.file == nil {
			p.troubled(p.log.ready())
		}
		p.mu.Unlock()
	}
	if err := p.trouble.Load(); err != nil {
		return *err
	}
	return nil
}

// troubled tells of a change.
func (p *pump) troubled(now error) {
	before := p.trouble.Load()
	switch {
	case now == nil && before == nil:
		return
	case now == nil:
		p.trouble.Store(nil)
	default:
		err := now // so that it is on the heap only here
		p.trouble.Store(&err)
		if before != nil && troubleOf(p.log.path, *before) == troubleOf(p.log.path, now) {
			return
		}
	}
	if before != nil {
		p.tell(*before, true)
	}
	if now != nil {
		p.tell(now, false)
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
