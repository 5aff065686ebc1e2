package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// RaiseLimit raises a process's hard limit to at least hard, and leaves the
// soft one as it is. prlimit(2)
func RaiseLimit(pid, resource int, hard uint64) error {
	var old unix.Rlimit
	if err := unix.Prlimit(pid, resource, nil, &old); err != nil {
		return os.NewSyscallError("prlimit", err)
	}
	if old.Max >= hard {
		return nil
	}
	old.Max = hard
	return os.NewSyscallError("prlimit", unix.Prlimit(pid, resource, &old, nil))
}

// BecomeSubreaper makes orphaned descendants children of the caller.
// PR_SET_CHILD_SUBREAPER in prctl(2)
func BecomeSubreaper() error {
	return os.NewSyscallError("prctl", unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
}

// Capabilities returns the caller's effective capabilities as bits. capget(2)
func Capabilities() (uint64, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return 0, os.NewSyscallError("capget", err)
	}
	return uint64(data[1].Effective)<<32 | uint64(data[0].Effective), nil
}

// LastCap is the highest capability that the kernel knows.
func LastCap() int {
	k := unix.CAP_LAST_CAP
	for k < 63 && unix.Prctl(unix.PR_CAPBSET_READ, uintptr(k+1), 0, 0, 0) == nil {
		k++
	}
	for k > 0 && unix.Prctl(unix.PR_CAPBSET_READ, uintptr(k), 0, 0, 0) != nil {
		k--
	}
	return k
}

// Wait reaps the child when it ends. The zero status is that of one that
// somebody else has reaped. waitpid(2), ECHILD
func Wait(pid int) (status unix.WaitStatus) {
	for {
		if _, err := unix.Wait4(pid, &status, 0, nil); err != unix.EINTR {
			return status
		}
	}
}
