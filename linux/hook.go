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
			wait = max(0, int(time.Until(deadline).Milliseconds()+1))
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

// CloseOnExecFrom marks all descriptors from first on, so that no child gets
// what the caller's caller left open. close_range(2)
func CloseOnExecFrom(first uint) error {
	return os.NewSyscallError("close_range", unix.CloseRange(first, ^uint(0), unix.CLOSE_RANGE_CLOEXEC))
}

// UnblockSignals lets all signals through to the calling thread, and so to the
// children that it makes, and returns what undoes that. sigprocmask(2)
func UnblockSignals() (restore func(), err error) {
	var none, old unix.Sigset_t
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &none, &old); err != nil {
		return nil, os.NewSyscallError("rt_sigprocmask", err)
	}
	return func() { unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil) }, nil
}

// Dup copies a descriptor. F_DUPFD_CLOEXEC in fcntl(2)
func Dup(fd int) (*os.File, error) {
	copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl F_DUPFD_CLOEXEC", err)
	}
	return os.NewFile(uintptr(copied), "copy"), nil
}
