package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// IsResctrl reports whether a resctrl file system is mounted on the directory.
// statfs(2)
func IsResctrl(dir string) (bool, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return false, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	return s.Type == unix.RDTGROUP_SUPER_MAGIC, nil
}
