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
