package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// RootIsInitramfs reports whether the root directory is the kernel's first
// root file system, below which there is none that pivot_root(2) could keep.
// A tmpfs or overlay that was mounted and moved there later is none.
func RootIsInitramfs() (bool, error) {
	var s unix.Statfs_t
	if err := unix.Statfs("/", &s); err != nil {
		return false, &os.PathError{Op: "statfs", Path: "/", Err: err}
	}
	if s.Type != unix.RAMFS_MAGIC && s.Type != unix.TMPFS_MAGIC {
		return false, nil
	}
	// The initramfs is the mount that was there first.
	var x unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, "/", 0, unix.STATX_MNT_ID, &x); err != nil {
		return false, &os.PathError{Op: "statx", Path: "/", Err: err}
	}
	return x.Mnt_id <= 1, nil
}

// initialUserNS is the inode of the user namespace that the kernel starts in.
// PROC_USER_INIT_INO in include/linux/proc_ns.h
const initialUserNS = 0xEFFFFFFD

// InUserNamespace reports whether the caller is in another user namespace than
// the initial one.
func InUserNamespace() bool {
	var s unix.Stat_t
	return unix.Stat("/proc/self/ns/user", &s) == nil && s.Ino != initialUserNS
}
