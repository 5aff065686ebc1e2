package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// Fsetxattr sets an extended attribute of an open file.
func Fsetxattr(f *os.File, name string, value []byte) error {
	if err := unix.Fsetxattr(int(f.Fd()), name, value, 0); err != nil {
		return &os.PathError{Op: "setxattr " + name, Path: f.Name(), Err: err}
	}
	return nil
}
