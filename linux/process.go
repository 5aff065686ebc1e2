package linux

import (
	"os"
	"time"

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

// Inherited reports whether fd is open and was inherited through execve: all
// of keg's own are O_CLOEXEC.
func Inherited(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC == 0
}

// NamespaceType asks a namespace file for its CLONE_NEW* flag.
// NS_GET_NSTYPE in ioctl_nsfs(2)
func NamespaceType(fd int) (uint64, error) {
	const getNSType = 0xb703
	t, err := unix.IoctlRetInt(fd, getNSType)
	return uint64(t), err
}

// PidfdWait waits until the process has ended, whoever reaps it.
func PidfdWait(pidfd int, timeout time.Duration) error {
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for end := time.Now().Add(timeout); ; {
		n, err := unix.Poll(fds, int(time.Until(end).Milliseconds()))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return os.NewSyscallError("poll", err)
		case n == 0:
			return os.ErrDeadlineExceeded
		}
		return nil
	}
}
