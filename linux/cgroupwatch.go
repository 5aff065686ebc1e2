package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// POLLPRI is how a file of a cgroup shows that it has changed since it was read
// last. cgroup-v2.rst, "[Un]populated Notification"
const POLLPRI = unix.POLLPRI

// OpenCgroupFile opens a file of the cgroup at, or an absolute path, that is
// read more than once.
func OpenCgroupFile(at int, path string) (int, error) {
	fd, err := unix.Openat(at, path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return fd, nil
}

// ReadCgroupFD reads an open file of a cgroup anew, at most as much as fits
// into buf, and arms it for POLLPRI.
func ReadCgroupFD(fd int, buf []byte) ([]byte, error) {
	for {
		n, err := unix.Pread(fd, buf, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, os.NewSyscallError("pread", err)
		}
		return buf[:n], nil
	}
}
