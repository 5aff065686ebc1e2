package linux

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// What a machine has one of, and its first process sets.

// SetHostname names the machine, or the caller's UTS namespace. sethostname(2)
func SetHostname(name string) error {
	return os.NewSyscallError("sethostname", unix.Sethostname([]byte(name)))
}

// SetClock sets the time of day. settimeofday(2)
func SetClock(t time.Time) error {
	tv := unix.NsecToTimeval(t.UnixNano())
	return os.NewSyscallError("settimeofday", unix.Settimeofday(&tv))
}

// SetLimit sets one of the caller's own limits, soft and hard. setrlimit(2)
func SetLimit(resource int, value uint64) error {
	limit := unix.Rlimit{Cur: value, Max: value}
	return os.NewSyscallError("prlimit", unix.Prlimit(0, resource, &limit, nil))
}

// Resources that have a limit. getrlimit(2)
const (
	RLIMIT_NOFILE = unix.RLIMIT_NOFILE
	RLIMIT_NPROC  = unix.RLIMIT_NPROC
)

// Uptime is how long the machine runs. CLOCK_BOOTTIME in clock_gettime(2)
func Uptime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// initialPidNamespace is the inode of the pid namespace that the kernel starts
// in. PROC_PID_INIT_INO in include/linux/proc_ns.h
const initialPidNamespace = 0xEFFFFFFC

// InInitialPidNamespace tells whether the caller's processes are the machine's.
func InInitialPidNamespace() (bool, error) {
	ino, err := PidNamespace(os.Getpid())
	return ino == initialPidNamespace, err
}
