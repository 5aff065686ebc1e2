package linux

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Stream is a connected stream socket; every wait on it has an end.
type Stream struct {
	name string
	fd   int
}

// DialStream connects to the socket at path; one that begins with an @ is in
// the abstract namespace. A listener that accepts nobody, with a full backlog,
// holds the caller until the deadline at most. unix(7)
func DialStream(path string, deadline time.Time) (*Stream, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	s := &Stream{path, fd}
	wait := unix.NsecToTimeval(int64(max(time.Until(deadline), time.Millisecond)))
	if err = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &wait); err == nil {
		err = unix.Connect(fd, &unix.SockaddrUnix{Name: path})
	}
	if err != nil {
		s.Close()
		return nil, &os.PathError{Op: "connect", Path: path, Err: late(err)}
	}
	return s, nil
}

// late: the socket's own time limit shows as EAGAIN.
func late(err error) error {
	if err == unix.EAGAIN {
		return os.ErrDeadlineExceeded
	}
	return err
}

// Close ends the connection.
func (s *Stream) Close() error { return unix.Close(s.fd) }

// Write writes all of p, or fails.
func (s *Stream) Write(p []byte, deadline time.Time) error {
	for len(p) > 0 {
		n, err := unix.SendmsgN(s.fd, p, nil, nil, unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
		n = max(n, 0)
		switch {
		case err == unix.EAGAIN:
			err = s.wait(POLLOUT, deadline)
		case err == unix.EINTR:
			err = nil
		}
		if err != nil {
			return s.failed("write", err)
		}
		p = p[n:]
	}
	return nil
}

// Read reads what is there, at least one byte.
func (s *Stream) Read(p []byte, deadline time.Time) (int, error) {
	for {
		n, _, err := unix.Recvfrom(s.fd, p, unix.MSG_DONTWAIT)
		switch {
		case err == nil && n == 0:
			return 0, s.failed("read", errors.New("the other side has closed the connection"))
		case err == nil:
			return n, nil
		case err == unix.EAGAIN:
			err = s.wait(POLLIN, deadline)
		case err == unix.EINTR:
			err = nil
		}
		if err != nil {
			return 0, s.failed("read", err)
		}
	}
}

func (s *Stream) wait(events int16, deadline time.Time) error {
	return Poll([]PollFD{{Fd: int32(s.fd), Events: events}}, deadline)
}

func (s *Stream) failed(op string, err error) error {
	return &os.PathError{Op: op, Path: s.name, Err: err}
}
