package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// NamelessFile is a new file on a directory's file system, without a name there:
// it is gone with its descriptors. O_TMPFILE in open(2)
func NamelessFile(dir string, mode uint32) (*os.File, error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, mode)
	if err != nil {
		return nil, &os.PathError{Op: "open O_TMPFILE", Path: dir, Err: err}
	}
	return os.NewFile(uintptr(fd), dir), nil
}
