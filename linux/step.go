package linux

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// OpenStep opens one name of a path, which may be "..", as a place only: a
// directory, and no symbolic link to one. openat(2)
func OpenStep(dir *os.File, name string) (*os.File, error) {
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "openat", Path: dir.Name() + "/" + name, Err: err}
	}
	return os.NewFile(uintptr(fd), dir.Name()+"/"+name), nil
}

// ProcFD is a path by which other processes of the caller's pid namespace reach
// what f stands for, as long as it is open.
func ProcFD(f *os.File) string {
	return "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/" + strconv.Itoa(int(f.Fd()))
}
