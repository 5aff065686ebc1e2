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

// NamespaceType asks a namespace file for its CLONE_NEW* flag.
// NS_GET_NSTYPE in ioctl_nsfs(2)
func NamespaceType(fd int) (uint64, error) {
	const getNSType = 0xb703
	t, err := unix.IoctlRetInt(fd, getNSType)
	return uint64(t), err
}
