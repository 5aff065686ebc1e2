package container

import (
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/state"
)

// killTimeout bounds the wait for a killed init: the kernel ends it once it
// leaves an uninterruptible sleep.
const killTimeout = 10 * time.Second

// thawPatience is how long a killed init may take before the rest of the
// container is killed, too: where it may write to v1's cgroups, it may have a
// process that freezes the init again and again.
const thawPatience = time.Second

// killInit kills the recorded init, if it is still that process, and waits
// for its end. With it ends all that is in its pid namespace.
func killInit(s state.State) error {
	if s.Pid <= 0 {
		return nil
	}
	pidfd, err := linux.PidfdOpen(s.Pid)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	if err != nil {
		return err
	}
	defer syscall.Close(pidfd)
	// Asked after the pidfd names the process for good. Its other threads may
	// run on after the first has ended.
	if !state.Exists(s.Pid, s.StartTime) || linux.PidfdWait(pidfd, 0) == nil {
		return nil
	}
	if err := linux.PidfdSignal(pidfd, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	if err := thaw(s); err != nil {
		return err
	}
	if err := linux.PidfdWait(pidfd, thawPatience); !errors.Is(err, os.ErrDeadlineExceeded) || len(s.Cgroups) == 0 {
		return err
	}
	cg, err := cgroupOf(s)
	if err == nil {
		err = cg.Kill()
	}
	return errors.Join(err, linux.PidfdWait(pidfd, killTimeout))
}

// thaw lets a killed process die: one in a frozen v1 cgroup does not before it
// goes on.
func thaw(s state.State) error {
	if len(s.Cgroups) == 0 {
		return nil
	}
	cg, err := cgroupOf(s)
	if err != nil {
		return err
	}
	return cg.ThawV1()
}

// stop ends all of a container, which may be deleted meanwhile.
func stop(s state.State) error {
	if err := killInit(s); err != nil || len(s.Cgroups) == 0 {
		return err
	}
	cg, err := cgroupOf(s)
	if err == nil {
		err = cg.Kill()
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
