package program

import "github.com/keg-project/keg/linux"

// The flag tables by which arguments are printed. A combination stands before
// the bits it is made of.
var (
	OpenFlags = Format{asOpenFlags, []flag{
		{"O_PATH", linux.O_PATH}, {"O_DIRECTORY", linux.O_DIRECTORY}, {"O_NOFOLLOW", linux.O_NOFOLLOW},
		{"O_CREAT", linux.O_CREAT}, {"O_EXCL", linux.O_EXCL}, {"O_WRONLY", linux.O_WRONLY}, {"O_RDWR", linux.O_RDWR},
		{"O_NONBLOCK", linux.O_NONBLOCK}, {"O_NOCTTY", linux.O_NOCTTY}, {"O_CLOEXEC", linux.O_CLOEXEC},
	}}
	ResolveFlags = Format{asFlags, []flag{
		{"RESOLVE_IN_ROOT", linux.RESOLVE_IN_ROOT}, {"RESOLVE_BENEATH", linux.RESOLVE_BENEATH},
		{"RESOLVE_NO_MAGICLINKS", linux.RESOLVE_NO_MAGIC}, {"RESOLVE_NO_SYMLINKS", linux.RESOLVE_NO_LINKS},
		{"RESOLVE_NO_XDEV", linux.RESOLVE_NO_XDEV},
	}}
	AtFlags = Format{asFlags, []flag{
		{"AT_EMPTY_PATH", linux.AT_EMPTY_PATH}, {"AT_RECURSIVE", linux.AT_RECURSIVE},
		{"AT_SYMLINK_NOFOLLOW", linux.AT_NOFOLLOW}, {"AT_EACCESS", linux.AT_EACCESS},
	}}
	CloneFlags = Format{asFlags, []flag{
		{"CLONE_NEWNS", linux.CLONE_NEWNS}, {"CLONE_NEWUTS", linux.CLONE_NEWUTS}, {"CLONE_NEWIPC", linux.CLONE_NEWIPC},
		{"CLONE_NEWUSER", linux.CLONE_NEWUSER}, {"CLONE_NEWPID", linux.CLONE_NEWPID}, {"CLONE_NEWNET", linux.CLONE_NEWNET},
		{"CLONE_NEWCGROUP", linux.CLONE_NEWCGROUP}, {"CLONE_NEWTIME", linux.CLONE_NEWTIME},
		{"CLONE_VM", linux.CLONE_VM}, {"CLONE_FILES", linux.CLONE_FILES},
		{"CLONE_PARENT", linux.CLONE_PARENT}, {"CLONE_VFORK", linux.CLONE_VFORK}, {"CLONE_PIDFD", linux.CLONE_PIDFD},
		{"SIGCHLD", linux.SIGCHLD},
	}}
	MountFlags = Format{asFlags, []flag{
		{"MS_RDONLY", linux.MS_RDONLY}, {"MS_NOSUID", linux.MS_NOSUID}, {"MS_NODEV", linux.MS_NODEV},
		{"MS_NOEXEC", linux.MS_NOEXEC}, {"MS_SYNCHRONOUS", linux.MS_SYNCHRONOUS}, {"MS_REMOUNT", linux.MS_REMOUNT},
		{"MS_MANDLOCK", linux.MS_MANDLOCK}, {"MS_DIRSYNC", linux.MS_DIRSYNC}, {"MS_NOSYMFOLLOW", linux.MS_NOSYMFOLLOW},
		{"MS_NOATIME", linux.MS_NOATIME}, {"MS_NODIRATIME", linux.MS_NODIRATIME}, {"MS_BIND", linux.MS_BIND},
		{"MS_REC", linux.MS_REC}, {"MS_SILENT", linux.MS_SILENT}, {"MS_UNBINDABLE", linux.MS_UNBINDABLE},
		{"MS_PRIVATE", linux.MS_PRIVATE}, {"MS_SLAVE", linux.MS_SLAVE}, {"MS_SHARED", linux.MS_SHARED},
		{"MS_RELATIME", linux.MS_RELATIME}, {"MS_I_VERSION", linux.MS_I_VERSION},
		{"MS_STRICTATIME", linux.MS_STRICTATIME}, {"MS_LAZYTIME", linux.MS_LAZYTIME},
	}}
	MountAttrs = Format{asFlags, []flag{
		{"MOUNT_ATTR__ATIME", linux.MOUNT_ATTR_ATIME},
		{"MOUNT_ATTR_RDONLY", linux.MOUNT_ATTR_RDONLY}, {"MOUNT_ATTR_NOSUID", linux.MOUNT_ATTR_NOSUID},
		{"MOUNT_ATTR_NODEV", linux.MOUNT_ATTR_NODEV}, {"MOUNT_ATTR_NOEXEC", linux.MOUNT_ATTR_NOEXEC},
		{"MOUNT_ATTR_STRICTATIME", linux.MOUNT_ATTR_STRICTATIME}, {"MOUNT_ATTR_NOATIME", linux.MOUNT_ATTR_NOATIME},
		{"MOUNT_ATTR_NODIRATIME", linux.MOUNT_ATTR_NODIRATIME}, {"MOUNT_ATTR_NOSYMFOLLOW", linux.MOUNT_ATTR_NOSYMFOLLOW},
	}}
	OpenTreeFlags = Format{asFlags, []flag{
		{"OPEN_TREE_CLONE", linux.OPEN_TREE_CLONE}, {"OPEN_TREE_CLOEXEC", linux.OPEN_TREE_CLOEXEC},
		{"AT_RECURSIVE", linux.AT_RECURSIVE}, {"AT_EMPTY_PATH", linux.AT_EMPTY_PATH},
	}}
	MoveMountFlags = Format{asFlags, []flag{
		{"MOVE_MOUNT_F_EMPTY_PATH", linux.MOVE_MOUNT_F_EMPTY}, {"MOVE_MOUNT_T_EMPTY_PATH", linux.MOVE_MOUNT_T_EMPTY},
	}}
	DupFlags        = Format{asFlags, []flag{{"O_CLOEXEC", linux.O_CLOEXEC}}}
	UmountFlags     = Format{asFlags, []flag{{"MNT_DETACH", linux.MNT_DETACH}}}
	FsopenFlags     = Format{asFlags, []flag{{"FSOPEN_CLOEXEC", linux.FSOPEN_CLOEXEC}}}
	FsmountFlags    = Format{asFlags, []flag{{"FSMOUNT_CLOEXEC", linux.FSMOUNT_CLOEXEC}}}
	CloseRangeFlags = Format{asFlags, []flag{{"CLOSE_RANGE_CLOEXEC", linux.CLOSE_RANGE_CLOEXEC}}}
	AccessMode      = Format{asFlags, []flag{{"X_OK", linux.X_OK}}}
	FsconfigCmd     = Format{asEnum, []flag{
		{"FSCONFIG_SET_FLAG", linux.FSCONFIG_SET_FLAG}, {"FSCONFIG_SET_STRING", linux.FSCONFIG_SET_STRING},
		{"FSCONFIG_CMD_CREATE", linux.FSCONFIG_CREATE},
	}}
	PrctlOption = Format{asEnum, []flag{
		{"PR_SET_DUMPABLE", linux.PR_SET_DUMPABLE}, {"PR_SET_KEEPCAPS", linux.PR_SET_KEEPCAPS},
		{"PR_CAPBSET_DROP", linux.PR_CAPBSET_DROP}, {"PR_CAP_AMBIENT", linux.PR_CAP_AMBIENT},
		{"PR_SET_NO_NEW_PRIVS", linux.PR_SET_NO_NEW_PRIVS}, {"PR_SET_NAME", linux.PR_SET_NAME}, {"PR_SET_PDEATHSIG", linux.PR_SET_PDEATHSIG},
	}}
	SeccompOperation = Format{asEnum, []flag{{"SECCOMP_SET_MODE_FILTER", linux.SECCOMP_SET_MODE_FILTER}}}
	SeccompFlags     = Format{asFlags, []flag{
		{"SECCOMP_FILTER_FLAG_TSYNC", linux.SECCOMP_FLAG_TSYNC}, {"SECCOMP_FILTER_FLAG_LOG", linux.SECCOMP_FLAG_LOG},
		{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", linux.SECCOMP_FLAG_SPEC_ALLOW}, {"SECCOMP_FILTER_FLAG_NEW_LISTENER", linux.SECCOMP_FLAG_NEW_LISTENER},
		{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", linux.SECCOMP_FLAG_WAIT_KILLABLE},
	}}
	StatxMask    = Format{asEnum, []flag{{"STATX_BASIC_STATS", linux.STATX_BASIC}}}
	IoctlRequest = Format{asEnum, []flag{
		{"SIOCSIFFLAGS", linux.SIOCSIFFLAGS}, {"TIOCSPTLCK", linux.TIOCSPTLCK}, {"TIOCGPTPEER", linux.TIOCGPTPEER},
		{"TIOCSWINSZ", linux.TIOCSWINSZ}, {"TIOCSCTTY", linux.TIOCSCTTY}, {"TCSETS", linux.TCSETS},
	}}
	FileMode = Format{asMode, []flag{
		{"S_IFREG", linux.S_IFREG}, {"S_IFCHR", linux.S_IFCHR}, {"S_IFBLK", linux.S_IFBLK}, {"S_IFIFO", linux.S_IFIFO}, {"S_IFSOCK", linux.S_IFSOCK},
	}}
)
