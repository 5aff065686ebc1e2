package program

import "github.com/keg-project/keg/linux"

// Call is one system call: its number on this architecture, and how its
// arguments are to be read by a person.
type Call struct {
	Name string
	Nr   uint32
	Args []Format
}

// setNr marks the pseudo calls Set and Add, whose result is the sum of the first
// two arguments: Set has no second. The
// interpreter makes no system call for it; no kernel has this number.
const setNr = 0xffffffff

// The system calls that programs are made of.
var (
	Set = &Call{"set", setNr, []Format{Int}}
	Add = &Call{"add", setNr, []Format{Int, Int}}

	Capset       = &Call{"capset", linux.SYS_CAPSET, []Format{Ptr, Ptr}}
	Chdir        = &Call{"chdir", linux.SYS_CHDIR, []Format{Path}}
	Chroot       = &Call{"chroot", linux.SYS_CHROOT, []Format{Path}}
	Clone        = &Call{"clone", linux.SYS_CLONE, []Format{CloneFlags, Int, Int, Int, Int}}
	Close        = &Call{"close", linux.SYS_CLOSE, []Format{FD}}
	CloseRange   = &Call{"close_range", linux.SYS_CLOSE_RANGE, []Format{FD, Int, CloseRangeFlags}}
	Dup3         = &Call{"dup3", linux.SYS_DUP3, []Format{FD, FD, DupFlags}}
	Execve       = &Call{"execve", linux.SYS_EXECVE, []Format{Path, Ptr, Ptr}}
	Exit         = &Call{"exit_group", linux.SYS_EXIT_GROUP, []Format{Int}}
	Faccessat2   = &Call{"faccessat2", linux.SYS_FACCESSAT2, []Format{FD, Path, AccessMode, AtFlags}}
	Fchdir       = &Call{"fchdir", linux.SYS_FCHDIR, []Format{FD}}
	Fchmodat     = &Call{"fchmodat", linux.SYS_FCHMODAT, []Format{FD, Path, Octal}}
	Fchownat     = &Call{"fchownat", linux.SYS_FCHOWNAT, []Format{FD, Path, Int, Int, AtFlags}}
	Fsconfig     = &Call{"fsconfig", linux.SYS_FSCONFIG, []Format{FD, FsconfigCmd, Path, Path, Int}}
	Fsmount      = &Call{"fsmount", linux.SYS_FSMOUNT, []Format{FD, FsmountFlags, MountAttrs}}
	Fsopen       = &Call{"fsopen", linux.SYS_FSOPEN, []Format{Path, FsopenFlags}}
	Fsetxattr    = &Call{"fsetxattr", linux.SYS_FSETXATTR, []Format{FD, Path, Path, Int, Int}}
	Fstatfs      = &Call{"fstatfs", linux.SYS_FSTATFS, []Format{FD, Ptr}}
	Getcwd       = &Call{"getcwd", linux.SYS_GETCWD, []Format{Ptr, Int}}
	Getpid       = &Call{"getpid", linux.SYS_GETPID, nil}
	Ioctl        = &Call{"ioctl", linux.SYS_IOCTL, []Format{FD, IoctlRequest, Ptr}}
	IoprioSet    = &Call{"ioprio_set", linux.SYS_IOPRIO_SET, []Format{Int, Int, Int}}
	Keyctl       = &Call{"keyctl", linux.SYS_KEYCTL, []Format{Int, Path}}
	KeySetperm   = &Call{"keyctl", linux.SYS_KEYCTL, []Format{Int, Int, Hex}}
	Mkdirat      = &Call{"mkdirat", linux.SYS_MKDIRAT, []Format{FD, Path, Octal}}
	Mknodat      = &Call{"mknodat", linux.SYS_MKNODAT, []Format{FD, Path, FileMode, Device}}
	Mount        = &Call{"mount", linux.SYS_MOUNT, []Format{Path, Path, Path, MountFlags, Path}}
	MountSetattr = &Call{"mount_setattr", linux.SYS_MOUNT_SETATTR, []Format{FD, Path, AtFlags, Ptr, Int}}
	MoveMount    = &Call{"move_mount", linux.SYS_MOVE_MOUNT, []Format{FD, Path, FD, Path, MoveMountFlags}}
	Nanosleep    = &Call{"nanosleep", linux.SYS_NANOSLEEP, []Format{Ptr, Ptr}}
	Openat       = &Call{"openat", linux.SYS_OPENAT, []Format{FD, Path, OpenFlags, Octal}}
	Openat2      = &Call{"openat2", linux.SYS_OPENAT2, []Format{FD, Path, Ptr, Int}}
	OpenTree     = &Call{"open_tree", linux.SYS_OPEN_TREE, []Format{FD, Path, OpenTreeFlags}}
	Personality  = &Call{"personality", linux.SYS_PERSONALITY, []Format{Hex}}
	PivotRoot    = &Call{"pivot_root", linux.SYS_PIVOT_ROOT, []Format{Path, Path}}
	Prctl        = &Call{"prctl", linux.SYS_PRCTL, []Format{PrctlOption, Int, Int, Int, Int}}
	Prlimit64    = &Call{"prlimit64", linux.SYS_PRLIMIT64, []Format{Int, Int, Ptr, Ptr}}
	Read         = &Call{"read", linux.SYS_READ, []Format{FD, Ptr, Int}}
	RtSigaction  = &Call{"rt_sigaction", linux.SYS_RT_SIGACTION, []Format{Int, Ptr, Ptr, Int}}
	SchedSetattr = &Call{"sched_setattr", linux.SYS_SCHED_SETATTR, []Format{Int, Ptr, Int}}
	Seccomp      = &Call{"seccomp", linux.SYS_SECCOMP, []Format{SeccompOperation, SeccompFlags, Ptr}}
	Sendmsg      = &Call{"sendmsg", linux.SYS_SENDMSG, []Format{FD, Ptr, Int}}
	SetMempolicy = &Call{"set_mempolicy", linux.SYS_SET_MEMPOLICY, []Format{Hex, Ptr, Int}}
	Setdomain    = &Call{"setdomainname", linux.SYS_SETDOMAINNAME, []Format{Path, Int}}
	Setgroups    = &Call{"setgroups", linux.SYS_SETGROUPS, []Format{Int, Ptr}}
	Sethostname  = &Call{"sethostname", linux.SYS_SETHOSTNAME, []Format{Path, Int}}
	Setns        = &Call{"setns", linux.SYS_SETNS, []Format{FD, CloneFlags}}
	Setresgid    = &Call{"setresgid", linux.SYS_SETRESGID, []Format{ID, ID, ID}}
	Setresuid    = &Call{"setresuid", linux.SYS_SETRESUID, []Format{ID, ID, ID}}
	Setsid       = &Call{"setsid", linux.SYS_SETSID, nil}
	Socket       = &Call{"socket", linux.SYS_SOCKET, []Format{Int, Int, Int}}
	Statx        = &Call{"statx", linux.SYS_STATX, []Format{FD, Path, AtFlags, StatxMask, Ptr}}
	Symlinkat    = &Call{"symlinkat", linux.SYS_SYMLINKAT, []Format{Path, FD, Path}}
	Umask        = &Call{"umask", linux.SYS_UMASK, []Format{Octal}}
	Umount2      = &Call{"umount2", linux.SYS_UMOUNT2, []Format{Path, UmountFlags}}
	Unlinkat     = &Call{"unlinkat", linux.SYS_UNLINKAT, []Format{FD, Path, AtFlags}}
	Unshare      = &Call{"unshare", linux.SYS_UNSHARE, []Format{CloneFlags}}
	Wait4        = &Call{"wait4", linux.SYS_WAIT4, []Format{Int, Ptr, Int, Ptr}}
	Write        = &Call{"write", linux.SYS_WRITE, []Format{FD, Ptr, Int}}

	SetTidAddress    = &Call{"set_tid_address", linux.SYS_SET_TID_ADDRESS, []Format{Ptr}}
	SchedSetaffinity = &Call{"sched_setaffinity", linux.SYS_SCHED_SETAFFINITY, []Format{Int, Int, Ptr}}
)
