package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// MountAt mounts by mount(2): a new file system, or with the flags MS_BIND,
// MS_REMOUNT and those of propagation what they say. A target that must not be
// another by then is the /proc/self/fd path of its descriptor (SelfFD).
func MountAt(source, target, fstype string, flags uint64, data string) error {
	if err := unix.Mount(source, target, fstype, uintptr(flags), data); err != nil {
		return &os.PathError{Op: "mount", Path: target, Err: err}
	}
	return nil
}

// Unmount takes away the mount that is on top at target, which is not a
// symbolic link that is followed. umount2(2)
func Unmount(target string, flags int) error {
	if err := unix.Unmount(target, flags|unix.UMOUNT_NOFOLLOW); err != nil {
		return &os.PathError{Op: "umount", Path: target, Err: err}
	}
	return nil
}

// UnmountOn takes away the mount that is on top of what is open, which is itself
// below that. LOOKUP_MOUNTPOINT in fs/namei.c
func UnmountOn(below *os.File) error {
	if err := unix.Unmount(SelfFD(below), 0); err != nil {
		return &os.PathError{Op: "umount", Path: below.Name(), Err: err}
	}
	return nil
}

// AttachOn mounts a detached tree on what is open. MOVE_MOUNT_T_EMPTY_PATH in
// move_mount(2)
func AttachOn(tree, target *os.File) error {
	err := unix.MoveMount(int(tree.Fd()), "", int(target.Fd()), "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH)
	if err != nil {
		return &os.PathError{Op: "move_mount", Path: target.Name(), Err: err}
	}
	return nil
}
