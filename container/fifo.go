package container

import (
	"os"
	"syscall"

	"github.com/keg-project/keg/state"
)

// execFIFO carries the report of a failed execve from the init to start.
const execFIFO = "exec.fifo"

// fifo makes a FIFO and opens it for both directions, so that no open waits.
func (m *making) fifo(name string) (*os.File, error) {
	if err := m.dir.MakeFIFO(name); err != nil {
		return nil, err
	}
	return openFIFO(m.dir, name, os.O_RDWR)
}

// openFIFO opens without os.File's poller: the init reads it blocking. With
// O_NONBLOCK the open does not wait for a writer, who may be dead; reads do.
func openFIFO(dir *state.Dir, name string, flags int) (*os.File, error) {
	fd, err := syscall.Open(dir.Path(name), flags|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: dir.Path(name), Err: err}
	}
	if flags&syscall.O_NONBLOCK != 0 {
		if err := syscall.SetNonblock(fd, false); err != nil {
			syscall.Close(fd)
			return nil, os.NewSyscallError("fcntl", err)
		}
	}
	return os.NewFile(uintptr(fd), name), nil
}
