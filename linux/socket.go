package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// SocketPair makes two connected sockets that keep the borders of messages.
// unix(7), SOCK_SEQPACKET
func SocketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(fds[0]), "sync"), os.NewFile(uintptr(fds[1]), "sync"), nil
}

// Receive reads one message and the descriptors that came with it, at most
// four. 0 bytes mean that the peer has closed its end.
func Receive(fd int, p []byte) (n int, fds []int, err error) {
	oob := make([]byte, unix.CmsgSpace(4*4))
	var oobn int
	for {
		n, oobn, _, _, err = unix.Recvmsg(fd, p, oob, unix.MSG_CMSG_CLOEXEC)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return 0, nil, os.NewSyscallError("recvmsg", err)
	}
	if oobn == 0 {
		return n, nil, nil
	}
	msgs, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		return 0, nil, os.NewSyscallError("recvmsg", err)
	}
	for i := range msgs {
		got, err := unix.ParseUnixRights(&msgs[i])
		if err == nil {
			fds = append(fds, got...)
		}
	}
	return n, fds, nil
}

// Send writes one message. A peer that is gone is EPIPE, not a signal.
func Send(fd int, p []byte) error {
	return os.NewSyscallError("sendmsg", unix.Sendto(fd, p, unix.MSG_NOSIGNAL, nil))
}
