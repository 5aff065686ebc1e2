package linux

import (
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// SOCK_STREAM is a socket that is listened on. unix(7)
const SOCK_STREAM = unix.SOCK_STREAM

// ListenUnix makes a socket called name, a plain name, in an open directory: the
// path may be longer than the 108 bytes of an address. It belongs into a directory
// that others cannot enter until its mode is set. It does not block: os.File
// waits for it. unix(7)
func ListenUnix(dir *os.File, name string, kind int) (*os.File, error) {
	path := filepath.Join(dir.Name(), name)
	s, err := unix.Socket(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	err = unix.Bind(s, &unix.SockaddrUnix{Name: "/proc/self/fd/" + strconv.Itoa(int(dir.Fd())) + "/" + name})
	if err == nil && kind == unix.SOCK_STREAM {
		err = unix.Listen(s, unix.SOMAXCONN)
	}
	if err != nil {
		unix.Close(s)
		return nil, &os.PathError{Op: "listen", Path: path, Err: err}
	}
	return os.NewFile(uintptr(s), path), nil
}

// Accept waits for a connection. The error is os.ErrClosed once the listener is
// closed.
func Accept(listener *os.File) (*os.File, error) {
	raw, err := listener.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd int
	var failed error
	err = raw.Read(func(l uintptr) bool {
		for {
			fd, _, failed = unix.Accept4(int(l), unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
			if failed != unix.EINTR && failed != unix.ECONNABORTED {
				return failed != unix.EAGAIN
			}
		}
	})
	if err != nil { // the poller's own, which has no name
		return nil, os.ErrClosed
	}
	if failed != nil {
		return nil, os.NewSyscallError("accept4", failed)
	}
	return os.NewFile(uintptr(fd), listener.Name()), nil
}

// PeerUser is the user who has connected. SO_PEERCRED in unix(7)
func PeerUser(connection *os.File) (uid int, err error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return -1, err
	}
	var cred *unix.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) { cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err == nil {
		err = os.NewSyscallError("getsockopt SO_PEERCRED", failed)
	}
	if err != nil {
		return -1, err
	}
	return int(cred.Uid), nil
}
