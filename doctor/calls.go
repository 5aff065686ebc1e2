package doctor

import (
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// call is a system call, or a part of one, that keg makes.
type call struct {
	name   string
	since  release
	means  string
	lack   Level // how bad it is without
	refuse bool  // the kernel itself says EPERM to a user who may not
	probe  func() syscall.Errno
	absent syscall.Errno // what else than ENOSYS says that the kernel has it not
}

// calls are those that are younger than most kernels in use when they came, or
// that a kernel can be built without. Each is made with arguments that let it do
// nothing: EINVAL, EBADF and EFAULT are the answers of a kernel that knows it.
func calls() []call {
	const no = ^uintptr(0)
	number := func(nr uintptr, args ...uintptr) func() syscall.Errno {
		return func() syscall.Errno { _, errno := linux.Probe(nr, args...); return errno }
	}
	return []call{
		{"clone3", release{5, 7}, "containers that are born in their cgroup (CLONE_INTO_CGROUP)", Error, false, linux.ProbeCloneIntoCgroup, syscall.E2BIG},
		{"openat2", release{5, 6}, "resolving every path in a container's root below it", Error, false, func() syscall.Errno { return errnoOf(linux.ProbeOpenat2("/")) }, 0},
		{"open_tree", release{5, 2}, "bind mounts, taken from the host by descriptor", Error, false, number(linux.SYS_OPEN_TREE, no, 0, 0), 0},
		{"move_mount", release{5, 2}, "attaching mounts to what was resolved, not to a path", Error, true, number(linux.SYS_MOVE_MOUNT, no, 0, no, 0, 0), 0},
		{"fsopen", release{5, 2}, "mounting file systems that are made before they are attached", Error, true, number(linux.SYS_FSOPEN, 0, 0), 0},
		{"fsconfig", release{5, 2}, "as fsopen", Error, false, number(linux.SYS_FSCONFIG, no, 0, 0, 0, 0), 0},
		{"fsmount", release{5, 2}, "as fsopen", Error, true, number(linux.SYS_FSMOUNT, no, 0, 0), 0},
		{"mount_setattr", release{5, 12}, "options of a mount with all below it; idmapped mounts", Error, false, number(linux.SYS_MOUNT_SETATTR, no, 0, no, 0, 0), 0},
		{"pidfd_open", release{5, 3}, "signalling processes without mistaking one for another", Error, false, pidfdOpen, 0},
		{"setns-pidfd", release{5, 8}, "`keg exec`, which joins all namespaces of a container at once", Error, true, setnsPidfd, syscall.EINVAL},
		{"pidfd-group", release{6, 9}, "a signal for a whole foreground job; without it only its first process gets it", Note, false, pidfdGroup, syscall.EINVAL},
		{"close_range", release{5, 11}, "keeping keg's descriptors from containers (CLOSE_RANGE_CLOEXEC)", Error, false, number(linux.SYS_CLOSE_RANGE, 1<<31-1, 1<<31-1, linux.CLOSE_RANGE_CLOEXEC), syscall.EINVAL},
		{"faccessat2", release{5, 8}, "looking programs up in PATH with the rights of the container's user", Error, false, func() syscall.Errno { return errnoOf(linux.ProbeFaccessat2("/")) }, 0},
		{"keyctl", release{2, 6}, "a session keyring for each container (CONFIG_KEYS); without it --no-new-keyring", Warning, false, number(linux.SYS_KEYCTL, linux.KEYCTL_GET_ID, linux.KEY_SESSION, 0), 0},
		{"set_mempolicy", release{2, 6}, "linux.memoryPolicy (CONFIG_NUMA)", Note, false, number(linux.SYS_GET_MEMPOLICY, 0, 0, 0, 0, 0), 0},
	}
}

func examineCalls(m *machine) []Finding {
	var list []Finding
	for _, c := range calls() {
		list = append(list, c.finding(c.probe(), m))
	}
	return list
}

// finding says what an errno means.
func (c call) finding(errno syscall.Errno, m *machine) Finding {
	f := ok(subjectKernel, c.name, "there, since Linux "+c.since.String(), c.means).detail()
	now, known := parseRelease(m.release)
	switch {
	case errno == syscall.EPERM && !c.refuse:
		return f.bad(c.lack, "refused (EPERM), as by a seccomp filter that keg runs under", filterHint)
	case errno != syscall.ENOSYS && (errno == 0 || errno != c.absent):
		return f
	case known && !now.before(c.since) && m.filtered:
		return f.bad(c.lack, "refused ("+linux.ErrnoName(errno)+"), though Linux "+m.release+" has it: by the seccomp filter that keg runs under", filterHint)
	case known && !now.before(c.since):
		return f.bad(c.lack, "missing: the kernel was built without it", "boot a kernel that was built with it")
	}
	return f.bad(c.lack, "missing: it came with Linux "+c.since.String(), "install Linux "+c.since.String()+" or newer, and boot it")
}

const filterHint = "keg is in a container: allow it there, as by `--security-opt seccomp=unconfined`, or update the engine that made it, whose list of system calls is old"

// errnoOf is the errno in an error.
func errnoOf(err error) syscall.Errno {
	switch e := err.(type) {
	case nil:
		return 0
	case syscall.Errno:
		return e
	case *os.PathError:
		return errnoOf(e.Err)
	case *os.SyscallError:
		return errnoOf(e.Err)
	}
	return syscall.EIO
}

func pidfdOpen() syscall.Errno {
	fd, err := linux.PidfdOpen(os.Getpid())
	if err == nil {
		syscall.Close(fd)
	}
	return errnoOf(err)
}

// withPidfd makes a call with a pidfd of keg's own.
func withPidfd(do func(pidfd uintptr) syscall.Errno) syscall.Errno {
	fd, err := linux.PidfdOpen(os.Getpid())
	if err != nil {
		return syscall.ENOSYS
	}
	defer syscall.Close(fd)
	return do(uintptr(fd))
}

// setnsPidfd joins the host name's namespace that keg is in already.
func setnsPidfd() syscall.Errno {
	return withPidfd(func(pidfd uintptr) syscall.Errno {
		_, errno := linux.Probe(linux.SYS_SETNS, pidfd, linux.CLONE_NEWUTS)
		return errno
	})
}

// pidfdGroup sends keg's own group the signal 0, which is none.
func pidfdGroup() syscall.Errno {
	return withPidfd(func(pidfd uintptr) syscall.Errno {
		_, errno := linux.Probe(linux.SYS_PIDFD_SEND_SIGNAL, pidfd, 0, 0, linux.PIDFD_SIGNAL_GROUP)
		return errno
	})
}
