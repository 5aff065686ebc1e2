package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// SpliceAppend moves at most n bytes from a pipe to the end of a file, of which
// the offset is told. The kernel takes from the pipe what it has written, so that
// a process that is killed has lost nothing. EAGAIN: the pipe is empty; 0: and
// nobody can write to it any more. EINVAL: the file's file system has no such
// write, or the file is open for appending. splice(2)
func SpliceAppend(pipe int, file *os.File, offset int64, n int) (int64, error) {
	for {
		moved, err := unix.Splice(pipe, nil, int(file.Fd()), &offset, n, unix.SPLICE_F_MOVE|unix.SPLICE_F_NONBLOCK)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, os.NewSyscallError("splice", err)
		}
		return moved, nil
	}
}

// Tee copies what a pipe holds, at most n bytes, into another pipe, and takes
// nothing out of it. tee(2)
func Tee(pipe int, to *os.File, n int) (int64, error) {
	for {
		copied, err := unix.Tee(pipe, int(to.Fd()), n, unix.SPLICE_F_NONBLOCK)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, os.NewSyscallError("tee", err)
		}
		return copied, nil
	}
}
