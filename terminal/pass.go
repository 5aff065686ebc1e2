// Package terminal stands between the person in front of keg and a container
// that has a terminal of its own: raw mode, both directions of the data, the
// window's size, job control, and the person's terminal as it was before, also
// after a crash.
//
// It is not for making the container's terminal (package plan does), and not
// for sending it to an engine (package container).
package terminal

import (
	"errors"
	"os"
	"sync"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// Pass passes on what is typed and what is shown.
type Pass struct {
	image   func(*program.Linked) (*os.File, error) // makes a program executable
	master  *os.File                                // of the container's terminal
	pidfd   int                                     // of the program on it
	sized   int                                     // the person's terminal, whose size counts; -1: none
	signals chan os.Signal
	stop    *os.File // closed once nothing more is passed on
	stopped *os.File // what then comes to its end
	once    sync.Once
	shown   chan struct{} // closed once all output is out

	mu    sync.Mutex
	mode  *mode // of the person's terminal; nil: standard input is none
	ended bool
}

// New looks at what keg's caller has.
func New() (*Pass, error) {
	p := &Pass{sized: -1, shown: make(chan struct{})}
	for fd := range 3 {
		if linux.IsTerminal(fd) {
			p.sized = fd
			break
		}
	}
	var err error
	if p.stopped, p.stop, err = linux.BlockingPipe(); err != nil {
		return nil, err
	}
	return p, nil
}

// Take takes the master of the container's terminal, before the program starts.
func (p *Pass) Take(master *os.File) error {
	p.master = master
	if !p.whole() {
		// Nothing would take the carriage returns away again.
		if err := linux.ClearONLCR(master); err != nil {
			return err
		}
	}
	if err := p.resize(); err != nil {
		return err
	}
	return os.NewSyscallError("fcntl", syscall.SetNonblock(int(master.Fd()), true))
}

// whole reports whether the person's terminal shows the output as well: then
// the container's terminal alone decides how it is written.
func (p *Pass) whole() bool { return linux.IsTerminal(0) && linux.IsTerminal(1) }

// resize gives the container's terminal the size of the person's. The kernel
// tells the programs on it (SIGWINCH).
func (p *Pass) resize() error {
	if p.sized < 0 || p.master == nil {
		return nil
	}
	return linux.CopyWindowSize(p.sized, int(p.master.Fd()))
}

// Begin passes everything on, signals to the program that pidfd stands for.
// image makes a program of the interpreter's executable.
func (p *Pass) Begin(pidfd int, image func(*program.Linked) (*os.File, error)) error {
	p.image = image
	p.TakeSignals()
	if settings, ok := linux.TerminalSettings(0); ok {
		p.mode = &mode{cooked: settings, output: p.whole()}
		if err := p.mode.raw(p.image); err != nil {
			return err
		}
	}
	p.pidfd = pidfd
	go p.forward()
	go p.input()
	go p.output()
	return nil
}

// End is called when the program has ended, or was never started: it passes on
// what is left of its output and sets the person's terminal as it was.
func (p *Pass) End() error {
	p.finish()
	if p.pidfd > 0 {
		<-p.shown
	}
	p.dropSignals()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.mode == nil {
		return nil
	}
	return p.mode.restore()
}

// finish tells both directions to come to their end.
func (p *Pass) finish() { p.once.Do(func() { p.stop.Close() }) }

// hangUp is what a terminal does that is gone: the program gets SIGHUP.
func (p *Pass) hangUp() {
	p.finish()
	p.master.Close()
}

// gone reports an error that a terminal gives whose other end is closed.
func gone(err error) bool { return errors.Is(err, syscall.EIO) }
