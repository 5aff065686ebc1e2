package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// StreamPair makes two connected sockets that carry bytes. unix(7), SOCK_STREAM
func StreamPair() (a, b *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(fds[0]), "stream"), os.NewFile(uintptr(fds[1]), "stream"), nil
}
