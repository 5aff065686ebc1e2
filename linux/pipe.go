package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// BlockingPipe makes a pipe whose ends block, without os.File's poller. pipe2(2)
func BlockingPipe() (r, w *os.File, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	return os.NewFile(uintptr(fds[0]), "pipe"), os.NewFile(uintptr(fds[1]), "pipe"), nil
}
