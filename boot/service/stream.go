package service

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

// stream is a service's standard output or error: a FIFO, and where what is
// written there goes.
type stream struct {
	title    string // as the reader of the logging socket is told
	fifo     string
	file     string
	external bool     // the logging socket's reader has it
	pump     *pump    // otherwise
	held     *os.File // keeps the FIFO from ending for who reads it, between two runs of the service
}

// read tells that somebody reads the FIFO.
func (st *stream) read() bool { return st.external || st.pump != nil }

// make makes the FIFO.
func (st *stream) make() error {
	err := makeFIFO(st.fifo)
	if err == nil && st.held == nil {
		st.held, err = openFIFO(st.fifo, syscall.O_RDWR)
	}
	return err
}

// log has the FIFO read, and what is written there logged, as soon as the log can
// be opened.
func (st *stream) log(c config, tell func(trouble error, over bool)) error {
	log := &logFile{path: st.file, size: c.LogSize, files: c.LogFiles}
	var err error
	if st.pump, err = startPump(st.fifo, log, tell); err != nil {
		log.Close()
	}
	return err
}

// trouble is why its log could not be written at last; nil: it could.
func (st *stream) trouble() error {
	if st.pump == nil {
		return nil
	}
	return st.pump.look()
}

// hand gives the FIFO to who logs for the machine: by a datagram with the
// stream's title and the descriptor. LinuxKit's docs/logging.md
func (st *stream) hand(socket string) error {
	if socket == "" {
		return fs.ErrNotExist
	}
	s, err := linux.DialUnixDatagram(socket)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := openFIFO(st.fifo, syscall.O_RDONLY)
	if err != nil {
		return err
	}
	defer r.Close()
	return linux.SendFile(s, r, st.title)
}

// note has the service's log say what became of it, unless who reads that is not
// in time.
func (st *stream) note(text string) {
	f, err := openFIFO(st.fifo, syscall.O_RDWR|syscall.O_NONBLOCK)
	if err != nil {
		return // it is said on the console
	}
	defer f.Close()
	f.SetWriteDeadline(time.Now().Add(time.Second))
	f.WriteString("keg: " + text + "\n")
}

// end is what the service writes to.
func (st *stream) end() (*os.File, error) { return openFIFO(st.fifo, syscall.O_RDWR) }

func (st *stream) close() error {
	var errs []error
	if st.pump != nil {
		errs = append(errs, st.pump.Close())
	}
	if st.held != nil {
		errs = append(errs, st.held.Close())
	}
	return errors.Join(errs...)
}
