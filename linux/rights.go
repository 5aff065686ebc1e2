package linux

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// DialUnix connects to the socket at path. What is connected to is what was
// looked at, whatever lies at the path by then, and its path may be longer than
// the 108 bytes of an address. unix(7)
func DialUnix(path string) (*os.File, error) { return dialUnix(path, unix.SOCK_STREAM) }

// sendPatience is how long who reads datagrams may leave no room for one.
const sendPatience = 3 // seconds

// DialUnixDatagram is DialUnix for a socket that takes datagrams. If it takes none
// for some seconds, sending is EAGAIN. SO_SNDTIMEO in socket(7)
func DialUnixDatagram(path string) (*os.File, error) {
	s, err := dialUnix(path, unix.SOCK_DGRAM)
	if err != nil {
		return nil, err
	}
	if err := unix.SetsockoptTimeval(int(s.Fd()), unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: sendPatience}); err != nil {
		s.Close()
		return nil, os.NewSyscallError("setsockopt SO_SNDTIMEO", err)
	}
	return s, nil
}

func dialUnix(path string, kind int) (*os.File, error) {
	file, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(file)
	var st unix.Stat_t
	if err := unix.Fstat(file, &st); err != nil {
		return nil, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return nil, fmt.Errorf("connect %s: not a socket", path)
	}
	s, err := unix.Socket(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := unix.Connect(s, &unix.SockaddrUnix{Name: "/proc/self/fd/" + strconv.Itoa(file)}); err != nil {
		unix.Close(s)
		return nil, &os.PathError{Op: "connect", Path: path, Err: err}
	}
	return os.NewFile(uintptr(s), path), nil
}

// SendFile sends a descriptor, with text as the message's data: at least one
// byte must go with it. SCM_RIGHTS in unix(7)
func SendFile(socket, f *os.File, text string) error {
	err := error(unix.EINTR)
	for err == unix.EINTR { // a socket with SO_SNDTIMEO: signal(7)
		err = unix.Sendmsg(int(socket.Fd()), []byte(text), unix.UnixRights(int(f.Fd())), nil, unix.MSG_NOSIGNAL)
	}
	if err != nil {
		return &os.PathError{Op: "sendmsg", Path: socket.Name(), Err: err}
	}
	return nil
}

// SendFileAll sends a descriptor with the first of the text's bytes, and then
// the rest, should the socket not take it at once.
func SendFileAll(socket, f *os.File, text []byte) error {
	for rights := unix.UnixRights(int(f.Fd())); ; rights = nil {
		n, err := unix.SendmsgN(int(socket.Fd()), text, rights, nil, unix.MSG_NOSIGNAL)
		if err != nil {
			return &os.PathError{Op: "sendmsg", Path: socket.Name(), Err: err}
		}
		if text = text[n:]; len(text) == 0 {
			return nil
		}
	}
}
