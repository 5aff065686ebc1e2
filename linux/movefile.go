package linux

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// The calls below make a file at a path like another: in trees that nobody else
// changes, for as long as there is no /proc, which those on descriptors need.

// MakeNode makes a file of any type but a directory's and a symbolic link's.
// mknod(2)
func MakeNode(path string, mode uint32, device uint64) error {
	if err := unix.Mknod(path, mode, int(device)); err != nil {
		return &os.PathError{Op: "mknod", Path: path, Err: err}
	}
	return nil
}

// LikeFile gives the file at path the owner, mode and times of st. A symbolic
// link has no mode.
func LikeFile(path string, st *FileStat) error {
	if err := unix.Lchown(path, int(st.Uid), int(st.Gid)); err != nil {
		return &os.PathError{Op: "lchown", Path: path, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFLNK { // after chown(2), which takes set-user-ID bits away
		if err := unix.Chmod(path, st.Mode&0o7777); err != nil {
			return &os.PathError{Op: "chmod", Path: path, Err: err}
		}
	}
	times := []unix.Timespec{st.Atim, st.Mtim}
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, path, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return &os.PathError{Op: "utimensat", Path: path, Err: err}
	}
	return nil
}

// LstatFile is lstat(2).
func LstatFile(path string, st *FileStat) error {
	if err := unix.Lstat(path, st); err != nil {
		return &os.PathError{Op: "lstat", Path: path, Err: err}
	}
	return nil
}

// CopyPathXattrs copies extended attributes, but those that the other file
// system has no place for.
func CopyPathXattrs(from, to string) error {
	n, err := unix.Llistxattr(from, nil)
	if n <= 0 || err != nil {
		return nil // none, or not on this file system
	}
	names, value := make([]byte, n), make([]byte, xattrMax)
	if n, err = unix.Llistxattr(from, names); err != nil {
		return &os.PathError{Op: "llistxattr", Path: from, Err: err}
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names[:n]), "\x00"), "\x00") {
		size, err := unix.Lgetxattr(from, name, value)
		if err != nil {
			continue
		}
		if err := unix.Lsetxattr(to, name, value[:size], 0); err != nil && err != unix.EOPNOTSUPP {
			return &os.PathError{Op: "lsetxattr " + name, Path: to, Err: err}
		}
	}
	return nil
}
