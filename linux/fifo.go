package linux

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Mkfifoat makes a FIFO called name, a plain name, in an open directory.
func Mkfifoat(dir *os.File, name string, mode uint32) error {
	if err := unix.Mknodat(int(dir.Fd()), name, unix.S_IFIFO|mode, 0); err != nil {
		return &os.PathError{Op: "mkfifo", Path: filepath.Join(dir.Name(), name), Err: err}
	}
	return nil
}
