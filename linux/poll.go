package linux

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ReadableBefore waits until fd can be read or the process that pidfd stands
// for has ended, and reports whether there is something to read. A pidfd of -1
// stands for none, a negative timeout for patience without end; after the
// timeout the error is os.ErrDeadlineExceeded. poll(2)
func ReadableBefore(fd, pidfd int, timeout time.Duration) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(pidfd), Events: unix.POLLIN}}
	ms := -1
	if timeout >= 0 {
		ms = int(timeout.Milliseconds())
	}
	for {
		n, err := unix.Poll(fds, ms)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return false, os.NewSyscallError("poll", err)
		case n == 0:
			return false, os.ErrDeadlineExceeded
		}
		return fds[0].Revents != 0, nil
	}
}
