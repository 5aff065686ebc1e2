package linux

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// PollFD is one descriptor that Poll waits for; a negative one is passed over.
type PollFD = unix.PollFd

// What is waited for, and what a peer that is gone shows as. poll(2)
const (
	POLLIN  = unix.POLLIN
	POLLOUT = unix.POLLOUT
	POLLERR = unix.POLLERR
)

// Poll waits until one of the descriptors is ready, at most until deadline;
// the zero time is never.
func Poll(fds []PollFD, deadline time.Time) error {
	for {
		wait := -1
		if !deadline.IsZero() {
			wait = max(0, int((time.Until(deadline)+time.Millisecond-1)/time.Millisecond))
		}
		n, err := unix.Poll(fds, wait)
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

// ReadableBefore waits until fd can be read or the process that pidfd stands
// for has ended, and reports whether there is something to read. A pidfd of -1
// stands for none, a negative timeout for patience without end; after the
// timeout the error is os.ErrDeadlineExceeded.
func ReadableBefore(fd, pidfd int, timeout time.Duration) (bool, error) {
	var deadline time.Time
	if timeout >= 0 {
		deadline = time.Now().Add(timeout)
	}
	fds := []PollFD{{Fd: int32(fd), Events: POLLIN}, {Fd: int32(pidfd), Events: POLLIN}}
	err := Poll(fds, deadline)
	if err == nil && fds[0].Revents == 0 {
		// The kernel looks at one after the other: what the process wrote just
		// before it ended may have come in between.
		Poll(fds[:1], time.Now())
	}
	return fds[0].Revents != 0, err
}
