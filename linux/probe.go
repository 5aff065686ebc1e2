package linux

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// System calls that are only asked whether they are there.
const (
	SYS_BPF               = unix.SYS_BPF
	SYS_GET_MEMPOLICY     = unix.SYS_GET_MEMPOLICY
	SYS_LANDLOCK_RULESET  = unix.SYS_LANDLOCK_CREATE_RULESET
	SYS_PIDFD_OPEN        = unix.SYS_PIDFD_OPEN
	SYS_PIDFD_SEND_SIGNAL = unix.SYS_PIDFD_SEND_SIGNAL

	LANDLOCK_VERSION = unix.LANDLOCK_CREATE_RULESET_VERSION

	PIDFD_SIGNAL_GROUP = 1 << 2
	KEYCTL_GET_ID      = unix.KEYCTL_GET_KEYRING_ID
	KEY_SESSION        = ^uintptr(2) // KEY_SPEC_SESSION_KEYRING, -3

	SECCOMP_GET_ACTION_AVAIL = unix.SECCOMP_GET_ACTION_AVAIL
)

// Probe makes a system call whose arguments are numbers, for its result and
// errno: of calls that cannot do anything with these arguments.
func Probe(nr uintptr, args ...uintptr) (uintptr, syscall.Errno) {
	var a [6]uintptr
	copy(a[:], args)
	r, _, errno := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	return r, errno
}

// ProbeSeccompAction asks for an action of filters. seccomp(2),
// SECCOMP_GET_ACTION_AVAIL
func ProbeSeccompAction(action uint32) syscall.Errno {
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	return errno
}

// ProbeCloneIntoCgroup calls clone3 with a cgroup and an exit signal that there
// is not. EINVAL says that the signal was looked at, so the call and the field
// before it are known; E2BIG, that the field is not; ENOSYS, that the call is
// not. No process is made in any of these cases. clone(2)
func ProbeCloneIntoCgroup() syscall.Errno {
	args := struct{ flags, pidfd, childTid, parentTid, exitSignal, stack, stackSize, tls, setTid, setTidSize, cgroup uint64 }{
		flags: unix.CLONE_INTO_CGROUP, exitSignal: ^uint64(0), cgroup: 1 << 30,
	}
	_, _, errno := unix.Syscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&args)), unsafe.Sizeof(args), 0)
	return errno
}

// ProbeOpenat2 resolves a path as keg resolves those in a container's root.
func ProbeOpenat2(path string) error {
	fd, err := unix.Openat2(unix.AT_FDCWD, path, &unix.OpenHow{
		Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// ProbeFaccessat2 asks for access as the effective user, as the look-up of a
// program in PATH does.
func ProbeFaccessat2(path string) error {
	name, err := unix.BytePtrFromString(path)
	if err != nil {
		return err
	}
	at := unix.AT_FDCWD
	_, _, errno := unix.Syscall6(unix.SYS_FACCESSAT2, uintptr(at), uintptr(unsafe.Pointer(name)), unix.X_OK, unix.AT_EACCESS, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
