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

// Pipe makes a pipe whose end of ours does not block. pipe2(2)
func Pipe(oursReads bool) (ours, theirs int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, os.NewSyscallError("pipe2", err)
	}
	ours, theirs = p[1], p[0]
	if oursReads {
		ours, theirs = p[0], p[1]
	}
	if err := unix.SetNonblock(ours, true); err != nil {
		unix.Close(ours)
		unix.Close(theirs)
		return -1, -1, os.NewSyscallError("fcntl", err)
	}
	return ours, theirs, nil
}
