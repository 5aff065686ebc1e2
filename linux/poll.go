package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// ReadableBefore waits until fd can be read or the process that pidfd stands
// for has ended, and reports whether there is something to read. poll(2)
func ReadableBefore(fd, pidfd int) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(pidfd), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return false, os.NewSyscallError("poll", err)
		}
		return fds[0].Revents != 0, nil
	}
}
