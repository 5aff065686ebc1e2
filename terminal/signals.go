package terminal

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// TakeSignals keeps signals until Begin says who gets them: all but those that
// are the Go runtime's and its children's, and those by which a terminal stops
// what it is not to be used by: they do to keg what they do to any program.
func (p *Pass) TakeSignals() {
	if p.signals != nil {
		return
	}
	p.signals = make(chan os.Signal, 64)
	for n := syscall.Signal(1); n <= 64; n++ {
		switch n {
		case syscall.SIGCHLD, syscall.SIGPIPE, syscall.SIGURG, syscall.SIGPROF, syscall.SIGTTIN, syscall.SIGTTOU,
			syscall.SIGKILL, syscall.SIGSTOP, 32, 33:
		case syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGSYS:
		default:
			if !signal.Ignored(n) { // as nohup(1) wants it
				signal.Notify(p.signals, n)
			}
		}
	}
}

func (p *Pass) dropSignals() {
	if p.signals != nil {
		signal.Stop(p.signals)
	}
}

// forward passes signals on to the program.
func (p *Pass) forward() {
	for s := range p.signals {
		switch sig, _ := s.(syscall.Signal); {
		case sig == syscall.SIGWINCH && p.sized >= 0:
			p.resize()
		case sig == syscall.SIGTSTP:
			if canBeContinued() {
				p.suspend()
			}
		case sig == syscall.SIGCONT:
			p.again()
			linux.PidfdSignalGroup(p.pidfd, sig)
		default:
			linux.PidfdSignal(p.pidfd, sig)
		}
	}
}

// suspend stops the program and keg, and gives the person the terminal back
// meanwhile.
func (p *Pass) suspend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || !canBeContinued() {
		return
	}
	linux.PidfdSignalGroup(p.pidfd, syscall.SIGSTOP)
	if p.mode != nil {
		p.mode.restore()
	}
	linux.StopSelf()
	// … until the person's shell continues keg.
	if p.mode != nil {
		if settings, ok := linux.TerminalSettings(0); ok {
			p.mode.cooked = settings
		}
		p.mode.raw(p.image)
	}
	p.resize()
	linux.PidfdSignalGroup(p.pidfd, syscall.SIGCONT)
}

// again takes the terminal after keg was stopped by SIGSTOP, when it could not
// give it back: the person's shell has set it.
func (p *Pass) again() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.mode == nil || !p.mode.isRaw {
		return
	}
	p.mode.raw(p.image)
	p.resize()
}
