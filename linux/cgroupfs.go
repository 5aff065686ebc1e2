package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// CgroupVersion tells by the file system's magic number whether path lies on
// a cgroup file system: 1, 2, or 0 for any other.
func CgroupVersion(path string) (int, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	switch st.Type {
	case unix.CGROUP_SUPER_MAGIC:
		return 1, nil
	case unix.CGROUP2_SUPER_MAGIC:
		return 2, nil
	}
	return 0, nil
}

// OpenCgroup opens the directory of a cgroup for reading it and for the calls
// below. at is AT_FDCWD (-100) where path is absolute.
func OpenCgroup(at int, path string) (int, error) {
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(at, path, flags, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return fd, nil
}

// OpenCgroupPath opens a cgroup's directory as CLONE_INTO_CGROUP wants it.
func OpenCgroupPath(path string) (int, error) {
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Open(path, flags, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return fd, nil
}

// RemoveCgroup removes one cgroup without sub-cgroups.
func RemoveCgroup(at int, path string) error {
	if err := unix.Unlinkat(at, path, unix.AT_REMOVEDIR); err != nil {
		return &os.PathError{Op: "rmdir", Path: path, Err: err}
	}
	return nil
}

// ReadCgroupFile reads a file of the cgroup at, or an absolute path, and
// appends its content to buf. It does not go through package os, whose files
// are registered with the runtime's poller: three system calls, not six. A
// container may make a sub-cgroup with the name of a file that this kernel does
// not have: that is ENOENT, too, and so it is to WriteCgroupFile.
func ReadCgroupFile(at int, path string, buf []byte) ([]byte, error) {
	fd, err := unix.Openat(at, path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return buf, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	for {
		if cap(buf)-len(buf) < 512 {
			buf = append(buf, make([]byte, 4096)...)[:len(buf)]
		}
		n, err := unix.Read(fd, buf[len(buf):cap(buf)])
		switch {
		case err == unix.EINTR:
		case err == unix.EISDIR:
			return buf, &os.PathError{Op: "open", Path: path, Err: unix.ENOENT}
		case err != nil:
			return buf, &os.PathError{Op: "read", Path: path, Err: err}
		case n == 0:
			return buf, nil
		default:
			buf = buf[:len(buf)+n]
		}
	}
}

// WriteCgroupFile writes data in one write: to the kernel each is a command.
func WriteCgroupFile(at int, path string, data []byte) error {
	fd, err := unix.Openat(at, path, unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err == unix.EISDIR {
		err = unix.ENOENT
	}
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	for {
		_, err = unix.Write(fd, data)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return &os.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}
