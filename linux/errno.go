package linux

import (
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrnoName is an errno's name in errno(3): "ENOENT".
func ErrnoName(e syscall.Errno) string {
	if name := unix.ErrnoName(e); name != "" {
		return name
	}
	return "errno " + strconv.Itoa(int(e))
}
