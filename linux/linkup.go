package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// LinkUp brings a network device up. To lo the kernel then gives its address
// and its route. netdevice(7)
func LinkUp(name string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	link, err := unix.NewIfreq(name)
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, link)
	}
	if err == nil {
		link.SetUint16(link.Uint16() | unix.IFF_UP)
		err = unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, link)
	}
	return os.NewSyscallError("ioctl SIOCSIFFLAGS", err)
}
