package linux

import (
	"os"

	"golang.org/x/sys/unix"
)

// SetFSIDs makes the calling thread create files as another user, with all the
// capabilities that it had. The caller has locked the thread. setfsuid(2)
func SetFSIDs(uid, gid uint32) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return os.NewSyscallError("capget", err)
	}
	// They report no errors, but the ids of before.
	for _, set := range []struct {
		trap uintptr
		id   uint32
	}{{unix.SYS_SETFSGID, gid}, {unix.SYS_SETFSUID, uid}} {
		unix.RawSyscall(set.trap, uintptr(set.id), 0, 0)
		if now, _, _ := unix.RawSyscall(set.trap, ^uintptr(0), 0, 0); uint32(now) != set.id {
			return os.NewSyscallError("setfsuid", unix.EPERM)
		}
	}
	// Leaving user 0 took those about files from the effective set.
	return os.NewSyscallError("capset", unix.Capset(&header, &data[0]))
}
