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

// Withheld are the capabilities up to last that the process lacks and cannot come by
// either: they are not in its bounding set. capabilities(7)
func Withheld(has uint64, last int) uint64 {
	var bits uint64
	for k := range last + 1 {
		if has&(1<<k) == 0 && !inBoundingSet(k) {
			bits |= 1 << k
		}
	}
	return bits
}

func inBoundingSet(k int) bool {
	in, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(k), 0, 0, 0)
	return err == nil && in == 1
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
