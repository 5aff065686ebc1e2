package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// Setns moves the calling thread into a namespace of the kind. setns(2)
func Setns(namespace *os.File, kind int) error {
	if err := unix.Setns(int(namespace.Fd()), kind); err != nil {
		return &os.PathError{Op: "setns", Path: namespace.Name(), Err: err}
	}
	return nil
}
