package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// OutputFile is a file in memory, without a name, that a program's output can
// go to: unlike a pipe it is never full, and nobody has to read it meanwhile.
// memfd_create(2)
func OutputFile(name string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_NOEXEC_SEAL)
	if err == unix.EINVAL { // before Linux 6.3
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}
