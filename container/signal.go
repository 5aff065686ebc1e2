package container

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/state"
)

// Signal sends sig to the container's program, or with all to every process of
// the container.
func (c *Container) Signal(sig syscall.Signal, all bool) error {
	op := state.Kill
	if all {
		op = state.KillAll
	}
	dir, s, err := c.openFor(op)
	if err != nil {
		return err
	}
	defer dir.Close()
	if c.Init != 0 && c.Init != s.Pid {
		return state.ErrNotRunning
	}
	if all {
		return c.signalAll(dir, s, sig)
	}
	pid, err := target(s, sig)
	if err != nil && !state.Alive(s.Pid, s.StartTime) {
		return state.ErrNotRunning
	}
	if err != nil {
		return err
	}
	err = signalPid(pid, sig, func() bool {
		now, err := target(s, sig)
		return err == nil && now == pid && state.Alive(s.Pid, s.StartTime)
	})
	if err == nil && sig == syscall.SIGKILL {
		return thaw(s)
	}
	return err
}

// signalAll finds the processes by their cgroup. Without one, those of a pid
// namespace can be killed: they end with its init.
func (c *Container) signalAll(dir *state.Dir, s state.State, sig syscall.Signal) error {
	if len(s.Cgroups) == 0 {
		return c.signalUnknown(s, sig)
	}
	if stopped(s) {
		if err := refuseAnothers(dir, s); err != nil {
			return err
		}
	}
	cg, err := cgroupOf(s)
	if err != nil {
		return err
	}
	if sig == syscall.SIGKILL {
		return cg.Kill()
	}
	return cg.Signal(sig)
}

func (c *Container) signalUnknown(s state.State, sig syscall.Signal) error {
	if !state.Alive(s.Pid, s.StartTime) {
		return nil
	}
	if inner, err := linux.InnerPid(s.Pid); sig == syscall.SIGKILL && err == nil && inner == 1 {
		return killInit(s)
	}
	return fmt.Errorf("container %q has no cgroup, so its processes are not known: signal its init instead, or kill them all if they have a pid namespace", c.id)
}

// signalPid signals a process that still is the one that is meant, which is
// asked once a pidfd names it for good.
func signalPid(pid int, sig syscall.Signal, still func() bool) error {
	pidfd, err := linux.PidfdOpen(pid)
	if errors.Is(err, syscall.ESRCH) {
		return state.ErrNotRunning
	}
	if err != nil {
		return err
	}
	defer syscall.Close(pidfd)
	if !still() {
		return state.ErrNotRunning
	}
	err = linux.PidfdSignal(pidfd, sig)
	if errors.Is(err, syscall.ESRCH) {
		return state.ErrNotRunning
	}
	return err
}
