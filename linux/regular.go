package linux

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// OpenRegular opens a regular file, or with O_CREAT makes one, and nothing else: who
// has the directory may have put a link, a FIFO or a device there, and to open a device
// can be all that it takes (a watchdog's begins to count).
func OpenRegular(path string, flags int, mode uint32) (*os.File, error) {
	fail := func(err error) error { return &os.PathError{Op: "open", Path: path, Err: err} }
	for {
		at, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err == unix.ENOENT && flags&unix.O_CREAT != 0 {
			at, err = unix.Open(path, flags|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, mode)
			switch err {
			case nil:
				return os.NewFile(uintptr(at), path), nil
			case unix.EEXIST: // since just now
				continue
			}
		}
		if err != nil {
			return nil, fail(err)
		}
		f, err := reopenRegular(os.NewFile(uintptr(at), path), flags&^unix.O_CREAT)
		if err != nil {
			return nil, fail(err)
		}
		return f, nil
	}
}

func reopenRegular(at *os.File, flags int) (*os.File, error) {
	defer at.Close()
	var st FileStat
	if err := unix.Fstat(int(at.Fd()), &st); err != nil {
		return nil, err
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return Reopen(at, flags)
	case unix.S_IFLNK:
		return nil, unix.ELOOP
	case unix.S_IFDIR:
		return nil, unix.EISDIR
	}
	return nil, errors.New("not a regular file")
}
