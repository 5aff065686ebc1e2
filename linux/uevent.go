package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// Uevents is where the kernel tells of devices that come and go.
// netlink(7), NETLINK_KOBJECT_UEVENT
type Uevents struct{ fd int }

// OpenUevents listens from now on.
func OpenUevents() (*Uevents, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	const kernels = 1 // the group of the kernel's own messages
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: kernels}); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	// EPERM, EINVAL: the default size is what there is, and ENOBUFS tells what was lost.
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 1<<20)
	return &Uevents{fd}, nil
}

// Next waits for a message and reads it into p. The error is ENOBUFS if some
// were lost. What does not come from the kernel is passed over: any process may
// send to the group (CVE-2009-1185).
func (u *Uevents) Next(p []byte) (int, error) {
	for {
		n, from, err := unix.Recvfrom(u.fd, p, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, os.NewSyscallError("recvfrom", err)
		}
		if sender, ok := from.(*unix.SockaddrNetlink); ok && sender.Pid == 0 {
			return n, nil
		}
	}
}

// Close ends the listening.
func (u *Uevents) Close() { unix.Close(u.fd) }
