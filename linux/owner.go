package linux

import "golang.org/x/sys/unix"

// OwnsMountNamespace reports whether the caller's mount namespace belongs to
// the caller's user namespace: only then do its capabilities count for mounts.
// NS_GET_USERNS in ioctl_nsfs(2)
func OwnsMountNamespace() bool {
	const getUserNS = 0xb701
	mnt, err := unix.Open("/proc/self/ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(mnt)
	owner, err := unix.IoctlRetInt(mnt, getUserNS) // close-on-exec by itself
	if err != nil {
		return false // EPERM: it is out of reach, so it is none of the caller's
	}
	defer unix.Close(owner)
	var mine, its unix.Stat_t
	if unix.Stat("/proc/self/ns/user", &mine) != nil || unix.Fstat(owner, &its) != nil {
		return false
	}
	return mine.Dev == its.Dev && mine.Ino == its.Ino
}
