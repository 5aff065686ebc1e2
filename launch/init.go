package launch

import (
	"errors"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Init is the container's first process.
type Init struct {
	Pid   int
	pidfd int
	child int // pidfd of the program, where the init is not the program itself; 0: it is
}

// Adopt takes up an init that another has made, as this process's child.
func Adopt(pid int) (*Init, error) {
	pidfd, err := linux.PidfdOpen(pid)
	if err != nil {
		return nil, err
	}
	return &Init{Pid: pid, pidfd: pidfd}, nil
}

// Signal sends a signal to the init, and to no other process that may have
// got its pid.
func (i *Init) Signal(sig syscall.Signal) error { return linux.PidfdSignal(i.SignalFD(), sig) }

// SignalFD is the pidfd that signals go to: the program's.
func (i *Init) SignalFD() int {
	if i.child > 0 {
		return i.child
	}
	return i.pidfd
}

// Pidfd stays with the process, and is the caller's to close.
func (i *Init) Pidfd() int { return i.pidfd }

// Kill ends the init and reaps it.
func (i *Init) Kill() error {
	if err := linux.PidfdSignal(i.pidfd, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	linux.Wait(i.Pid)
	return nil
}
