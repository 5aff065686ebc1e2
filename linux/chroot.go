package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// Chroot changes the root directory of the process. chroot(2)
func Chroot(path string) error {
	if err := unix.Chroot(path); err != nil {
		return &os.PathError{Op: "chroot", Path: path, Err: err}
	}
	return nil
}
