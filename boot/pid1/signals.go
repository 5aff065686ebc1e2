package pid1

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// order is what the first process was told to do.
type order string

const (
	none     order = ""
	halt     order = "halt"
	powerOff order = "power off"
	restart  order = "reboot"
)

// orderOf is what a signal tells a first process, as busybox's init has it.
// Ctrl-Alt-Del is SIGINT.
func orderOf(s os.Signal) order {
	switch s {
	case syscall.SIGUSR1, syscall.SIGPWR:
		return halt
	case syscall.SIGUSR2:
		return powerOff
	case syscall.SIGTERM, syscall.SIGINT:
		return restart
	}
	return none
}

// command is the order in reboot(2).
func (o order) command() int {
	switch o {
	case halt:
		return linux.REBOOT_HALT
	case powerOff:
		return linux.REBOOT_POWER_OFF
	}
	return linux.REBOOT_RESTART
}

// ignoreStraySignals: what the kernel does not deliver to a first process that
// has no handler, Go has a handler for, which ends the process. They are caught,
// not ignored, as children inherit what is ignored.
func ignoreStraySignals() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGALRM,
		syscall.SIGPIPE, syscall.SIGSTKFLT, syscall.SIGVTALRM, syscall.SIGPROF, syscall.SIGXCPU, syscall.SIGXFSZ, syscall.SIGSYS, syscall.SIGIO,
		syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL) // those that are sent: of what keg does itself they are panics still
}

// listen takes orders from now on. The first one counts until it is carried out.
func (p *process) listen() {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGPWR, syscall.SIGUSR2, syscall.SIGTERM, syscall.SIGINT)
	p.spawn("signals", func() error {
		for s := range signals {
			select {
			case p.orders <- orderOf(s):
			default:
			}
		}
		return nil
	})
}
