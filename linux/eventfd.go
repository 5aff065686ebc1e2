package linux

import (
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"
)

// Eventfd makes a counter that starts at 0 and never blocks its reader.
// eventfd(2)
func Eventfd() (int, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return -1, os.NewSyscallError("eventfd2", err)
	}
	return fd, nil
}

// ReadEventfd returns what was counted since it was read last.
func ReadEventfd(fd int) (uint64, error) {
	var buf [8]byte
	for {
		_, err := unix.Read(fd, buf[:])
		switch err {
		case nil:
			return binary.NativeEndian.Uint64(buf[:]), nil
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return 0, nil
		}
		return 0, os.NewSyscallError("read", err)
	}
}
