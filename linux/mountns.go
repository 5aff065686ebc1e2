package linux

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// UnshareMounts gives the calling thread a mount namespace of its own. What is
// mounted there does not show on the host. Each mount is shared all the same, so
// that copies of it can see what is mounted on it later, as copies of a host's
// shared mounts do. unshare(2), mount_namespaces(7)
func UnshareMounts() error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return os.NewSyscallError("unshare CLONE_NEWNS", err)
	}
	for _, propagation := range []uintptr{unix.MS_SLAVE, unix.MS_SHARED} {
		if err := unix.Mount("", "/", "", unix.MS_REC|propagation, ""); err != nil {
			return &os.PathError{Op: "mount", Path: "/", Err: err}
		}
	}
	return nil
}

// ShareApart does the same to a detached tree, with all that is mounted below it.
// mount_setattr(2)
func ShareApart(tree *os.File) error {
	for _, propagation := range []uint64{unix.MS_SLAVE, unix.MS_SHARED} {
		if err := setAttr(tree, unix.AT_RECURSIVE, &unix.MountAttr{Propagation: propagation}); err != nil {
			return err
		}
	}
	return nil
}

// SetMountAttr clears flags, MOUNT_ATTR_*, of the mount that tree stands for, and
// sets others; of no mount below it. When reads count as accesses is a number
// among the flags: it is cleared as a whole, MOUNT_ATTR_ATIME, before it is set.
func SetMountAttr(tree *os.File, clear, set uint64) error {
	return setAttr(tree, 0, &unix.MountAttr{Attr_clr: clear, Attr_set: set})
}

func setAttr(tree *os.File, flags uint, attr *unix.MountAttr) error {
	if err := unix.MountSetattr(int(tree.Fd()), "", flags|unix.AT_EMPTY_PATH, attr); err != nil {
		return &os.PathError{Op: "mount_setattr", Path: tree.Name(), Err: err}
	}
	return nil
}

// Attach mounts a detached tree on a directory. move_mount(2)
func Attach(tree *os.File, dir string) error {
	err := unix.MoveMount(int(tree.Fd()), "", unix.AT_FDCWD, dir, unix.MOVE_MOUNT_F_EMPTY_PATH)
	if err != nil {
		return &os.PathError{Op: "move_mount", Path: dir, Err: err}
	}
	return nil
}

// EnterMounts moves the calling thread into a process's mount namespace, and
// returns the root directory there. setns(2): not as long as the thread shares
// its root with others.
func EnterMounts(pid int) (*os.File, error) {
	ns, err := os.Open("/proc/" + strconv.Itoa(pid) + "/ns/mnt")
	if err != nil {
		return nil, err
	}
	defer ns.Close()
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return nil, os.NewSyscallError("unshare CLONE_FS", err)
	}
	if err := Setns(ns, unix.CLONE_NEWNS); err != nil {
		return nil, err
	}
	return OpenDirectory("/")
}
