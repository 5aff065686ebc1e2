package linux

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// xattrMax is the kernel's limit for a list of names and for a value. xattr(7)
const xattrMax = 65536

// CopyXattrs copies the extended attributes from one O_PATH descriptor's file
// to another's, but those for which skip is true, and those that the other
// file system has no place for.
func CopyXattrs(from, to *os.File, skip func(name string) bool) error {
	src, dst := SelfFD(from), SelfFD(to)
	n, err := unix.Listxattr(src, nil)
	if n == 0 || err == unix.EOPNOTSUPP {
		return nil
	}
	names := make([]byte, xattrMax)
	if err == nil {
		n, err = unix.Listxattr(src, names)
	}
	if err != nil {
		return os.NewSyscallError("listxattr", err)
	}
	value := make([]byte, xattrMax)
	for name := range strings.SplitSeq(string(names[:n]), "\x00") {
		if name == "" || skip(name) {
			continue
		}
		if err := copyXattr(src, dst, name, value); err != nil {
			return err
		}
	}
	return nil
}

func copyXattr(src, dst, name string, value []byte) error {
	n, err := unix.Getxattr(src, name, value)
	if err == unix.ENODATA || err == unix.EOPNOTSUPP {
		return nil // removed meanwhile, or listed by a security module alone
	}
	if err != nil {
		return os.NewSyscallError("getxattr "+name, err)
	}
	if err = unix.Setxattr(dst, name, value[:n], 0); err == unix.EOPNOTSUPP {
		return nil
	}
	return os.NewSyscallError("setxattr "+name, err)
}
