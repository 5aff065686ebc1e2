package linux

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// PidNamespace is the inode number of a process's pid namespace, by which it is
// told from others.
func PidNamespace(pid int) (uint64, error) { return NamespaceInode(pid, "pid") }

// NamespaceInode is the same of another of its namespaces, by the name that it
// has in /proc/PID/ns.
func NamespaceInode(pid int, name string) (uint64, error) {
	var st unix.Stat_t
	path := "/proc/" + strconv.Itoa(pid) + "/ns/" + name
	if err := unix.Stat(path, &st); err != nil {
		return 0, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	return st.Ino, nil
}

func pidNamespacePath(pid int) string { return "/proc/" + strconv.Itoa(pid) + "/ns/pid" }

// InPidNamespace tells whether a process is in the pid namespace with this inode
// number, or in one below it. NS_GET_PARENT in ioctl_ns(2)
func InPidNamespace(pid int, ino uint64) bool {
	fd, err := unix.Open(pidNamespacePath(pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer func() { unix.Close(fd) }()
	for {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil || st.Ino == ino {
			return err == nil
		}
		parent, err := unix.IoctlRetInt(fd, unix.NS_GET_PARENT) // EPERM: the caller's own
		if err != nil {
			return false
		}
		unix.Close(fd)
		fd = parent
	}
}
