package linux

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// kernelFileSystems are made by the kernel: reading their files may change
// something, or tell what only the machine's root may know. magic(5), statfs(2)
var kernelFileSystems = [...]uint32{
	unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC, unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC,
	unix.SECURITYFS_MAGIC, unix.SELINUX_MAGIC, unix.SMACK_MAGIC, unix.BPF_FS_MAGIC, unix.EFIVARFS_MAGIC, unix.PSTOREFS_MAGIC,
}

// OfKernel reports files of proc, sysfs and their like.
func OfKernel(f *os.File) (bool, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return false, os.NewSyscallError("fstatfs", err)
	}
	return slices.Contains(kernelFileSystems[:], uint32(st.Type)), nil
}
