package linux

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// The calls below work on a file system tree that is not to be trusted: on
// descriptors and plain names, never on a path.

// FileStat is struct stat. stat(2)
type FileStat = unix.Stat_t

// OpenBeneath opens name, a plain name or ".", in dir. It follows no symbolic
// link and crosses no mount: EXDEV. openat2(2)
func OpenBeneath(dir *os.File, name string, flags uint64) (*os.File, error) {
	how := unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC | unix.O_NOFOLLOW,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
	}
	if flags&unix.O_CREAT != 0 {
		how.Mode = 0o600
	}
	fd, err := unix.Openat2(int(dir.Fd()), name, &how)
	if err != nil {
		return nil, os.NewSyscallError("openat2", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// Reopen opens the file that an O_PATH descriptor stands for, whatever lies at
// its name by now.
func Reopen(f *os.File, flags int) (*os.File, error) {
	fd, err := unix.Open(SelfFD(f), flags|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("open", err)
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// SelfFD is a path that leads to f itself, also where f is a symbolic link.
func SelfFD(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) }

// StatAt is lstat(2) of a plain name, across a mount on it.
func StatAt(dir *os.File, name string, st *FileStat) error {
	return os.NewSyscallError("fstatat", unix.Fstatat(int(dir.Fd()), name, st, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT))
}

// Stat is fstat(2), for O_PATH descriptors as well.
func Stat(f *os.File, st *FileStat) error {
	return os.NewSyscallError("fstat", unix.Fstat(int(f.Fd()), st))
}

// MountFlags tells whether the mount that f lies on ignores set-user-ID bits
// and device nodes. statfs(2), f_flags
func MountFlags(f *os.File) (nosuid, nodev bool, err error) {
	var st unix.Statfs_t
	err = os.NewSyscallError("fstatfs", unix.Fstatfs(int(f.Fd()), &st))
	return st.Flags&unix.ST_NOSUID != 0, st.Flags&unix.ST_NODEV != 0, err
}

// Mkdirat makes a directory that only its owner can use.
func Mkdirat(dir *os.File, name string) error {
	return os.NewSyscallError("mkdirat", unix.Mkdirat(int(dir.Fd()), name, 0o700))
}

// Mknodat makes a file of the type in mode that only its owner can use.
func Mknodat(dir *os.File, name string, mode uint32, device uint64) error {
	return os.NewSyscallError("mknodat", unix.Mknodat(int(dir.Fd()), name, mode&unix.S_IFMT|0o600, int(device)))
}

// CopyLink makes a symbolic link like the one that an O_PATH descriptor
// stands for.
func CopyLink(old, dir *os.File, name string) error {
	var buf [unix.PathMax]byte
	n, err := unix.Readlinkat(int(old.Fd()), "", buf[:])
	if err != nil {
		return os.NewSyscallError("readlinkat", err)
	}
	return os.NewSyscallError("symlinkat", unix.Symlinkat(string(buf[:n]), int(dir.Fd()), name))
}

// LinkAt gives the file that f stands for another name.
func LinkAt(f, dir *os.File, name string) error {
	return os.NewSyscallError("linkat", unix.Linkat(unix.AT_FDCWD, SelfFD(f), int(dir.Fd()), name, unix.AT_SYMLINK_FOLLOW))
}

// Chown gives away the file that an O_PATH descriptor stands for.
func Chown(f *os.File, uid, gid uint32) error {
	return os.NewSyscallError("fchownat", unix.Fchownat(int(f.Fd()), "", int(uid), int(gid), unix.AT_EMPTY_PATH))
}

// Chmod sets the mode of the file that an O_PATH descriptor stands for, which
// must be no symbolic link.
func Chmod(f *os.File, mode uint32) error {
	return os.NewSyscallError("chmod", unix.Chmod(SelfFD(f), mode&0o7777))
}

// SetTimes sets the times of the file that an O_PATH descriptor stands for.
func SetTimes(f *os.File, st *FileStat) error {
	times := []unix.Timespec{st.Atim, st.Mtim}
	return os.NewSyscallError("utimensat", unix.UtimesNanoAt(int(f.Fd()), "", times, unix.AT_EMPTY_PATH))
}

// NextData finds the next part of a file that is not a hole: it ends at size
// where there is none. SEEK_DATA in lseek(2)
func NextData(f *os.File, from, size int64) (start, end int64, err error) {
	start, err = unix.Seek(int(f.Fd()), from, unix.SEEK_DATA)
	if err == unix.ENXIO {
		return size, size, nil
	}
	if err == nil {
		end, err = unix.Seek(int(f.Fd()), start, unix.SEEK_HOLE)
	}
	return min(start, size), min(end, size), os.NewSyscallError("lseek", err)
}
