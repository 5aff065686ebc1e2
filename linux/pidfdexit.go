package linux

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ErrNoExitStatus: the kernel does not tell how the process ended.
var ErrNoExitStatus = errors.New("the kernel does not tell how it ended, as Linux 6.15 does once the parent has reaped it")

// recordPatience is for a kernel that has reaped the process, and may still be about
// to record how it has ended. Before 6.15 it never does.
const recordPatience = 100 * time.Millisecond

// PidfdExitStatus is how a process has ended whose end PidfdWait has seen, and that
// is another's child. It is known once the parent has reaped it, for which it waits
// at most as long as patience says. PIDFD_INFO_EXIT, Linux 6.15
func PidfdExitStatus(pidfd int, patience time.Duration) (unix.WaitStatus, error) {
	deadline := time.Now().Add(patience)
	for step := time.Millisecond; ; step = min(2*step, 50*time.Millisecond) {
		info := unix.PidfdInfo{Mask: unix.PIDFD_INFO_EXIT}
		err := unix.IoctlPidfdInfo(pidfd, &info)
		switch {
		case err == unix.ENOTTY || err == unix.EINVAL:
			return 0, ErrNoExitStatus
		case err == nil && info.Mask&unix.PIDFD_INFO_EXIT != 0:
			return unix.WaitStatus(info.Exit_code), nil
		case err == unix.ESRCH:
			deadline = earlier(deadline, time.Now().Add(recordPatience))
		case err != nil && err != unix.EREMOTE:
			return 0, os.NewSyscallError("ioctl PIDFD_GET_INFO", err)
		}
		if !time.Now().Before(deadline) {
			return 0, ErrNoExitStatus // nobody reaps it, or the kernel has not recorded it
		}
		time.Sleep(step)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
