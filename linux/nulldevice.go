package linux

import "golang.org/x/sys/unix"

// NullDevice tells whether a descriptor is the null device, and how it was opened:
// O_RDONLY, O_WRONLY or O_RDWR. null(4)
func NullDevice(fd int) (access int, ok bool) {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return 0, false
	}
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFCHR {
		return 0, false
	}
	return flags & unix.O_ACCMODE, st.Rdev == Mkdev(1, 3)
}
