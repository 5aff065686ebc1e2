package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// DupAbove copies a descriptor to the lowest free number that is at least min.
// F_DUPFD_CLOEXEC in fcntl(2)
func DupAbove(f *os.File, min int) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, min)
	if err != nil {
		return nil, os.NewSyscallError("fcntl F_DUPFD_CLOEXEC", err)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// Dup copies a descriptor. F_DUPFD_CLOEXEC in fcntl(2)
func Dup(fd int) (*os.File, error) {
	copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl F_DUPFD_CLOEXEC", err)
	}
	return os.NewFile(uintptr(copied), "copy"), nil
}

// CloseOnExecFrom marks all descriptors from first on, so that no child gets
// what the caller's caller left open. close_range(2)
func CloseOnExecFrom(first uint) error {
	return os.NewSyscallError("close_range", unix.CloseRange(first, ^uint(0), unix.CLOSE_RANGE_CLOEXEC))
}

// Inherited reports whether fd is open and was inherited through execve: all
// of keg's own are O_CLOEXEC.
func Inherited(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC == 0
}
