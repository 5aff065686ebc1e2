package linux

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Affinity is the bit mask of the CPUs that the calling thread may run on.
// sched_getaffinity(2)
func Affinity() ([]uint64, error) {
	mask := make([]uint64, 1<<13/64) // as many as a kernel can be built for
	n, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, 0, uintptr(8*len(mask)), uintptr(unsafe.Pointer(&mask[0])))
	if errno != 0 {
		return nil, os.NewSyscallError("sched_getaffinity", errno)
	}
	return mask[:n/8], nil
}

// SetAffinity has the calling thread run on the CPUs of the mask.
func SetAffinity(mask []uint64) error {
	_, _, errno := unix.RawSyscall(unix.SYS_SCHED_SETAFFINITY, 0, uintptr(8*len(mask)), uintptr(unsafe.Pointer(&mask[0])))
	if errno != 0 {
		return os.NewSyscallError("sched_setaffinity", errno)
	}
	return nil
}
