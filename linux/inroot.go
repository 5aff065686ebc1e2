package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// OpenInRoot opens a path as a process sees it whose root directory root is:
// no symbolic link and no ".." leads out of it. openat2(2)
func OpenInRoot(root *os.File, unsafePath string, flags uint64) (*os.File, error) {
	how := unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS}
	for range 100 { // a rename or mount anywhere, while a ".." is followed, gives EAGAIN
		fd, err := unix.Openat2(int(root.Fd()), unsafePath, &how)
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), unsafePath), nil
		case unix.EAGAIN, unix.EINTR:
			continue
		}
		return nil, &os.PathError{Op: "openat2", Path: unsafePath, Err: err}
	}
	return nil, &os.PathError{Op: "openat2", Path: unsafePath, Err: unix.EAGAIN}
}

// MountOf is the number that mountinfo has for the mount that f lies on, and
// whether f is that mount's root. STATX_MNT_ID, STATX_ATTR_MOUNT_ROOT in statx(2)
func MountOf(f *os.File) (id int, root bool, err error) {
	var x unix.Statx_t
	if err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &x); err != nil {
		return 0, false, &os.PathError{Op: "statx", Path: f.Name(), Err: err}
	}
	return int(x.Mnt_id), x.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, nil
}

// MkdirIn makes a directory of that mode, whatever the caller's umask. mkdirat(2)
func MkdirIn(dir *os.File, name string, mode uint32) error {
	if err := unix.Mkdirat(int(dir.Fd()), name, mode); err != nil {
		return &os.PathError{Op: "mkdirat", Path: name, Err: err}
	}
	// By descriptor: who else may write there can have put a link in its place.
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "openat", Path: name, Err: err}
	}
	defer unix.Close(fd)
	return os.NewSyscallError("fchmod", unix.Fchmod(fd, mode))
}

// MakeEmpty makes an empty file, likewise.
func MakeEmpty(dir *os.File, name string, mode uint32) error {
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, mode)
	if err != nil {
		return &os.PathError{Op: "openat", Path: name, Err: err}
	}
	defer unix.Close(fd)
	return os.NewSyscallError("fchmod", unix.Fchmod(fd, mode))
}
