package cgroup

import (
	"errors"
	"path"
	"strings"
	"syscall"

	"github.com/keg-project/keg/resources"
)

// hints say why the kernel refuses a value, where the errno does not.
var hints = []struct {
	file  string
	errno syscall.Errno
	text  string
}{
	{"memory.limit_in_bytes", syscall.EBUSY, "the processes inside use more than that"},
	{"memory.limit_in_bytes", syscall.EINVAL, "memory.swap in force is lower: set it too"},
	{"memory.memsw.limit_in_bytes", syscall.EBUSY, "the processes inside use more than that"},
	{"memory.memsw.limit_in_bytes", syscall.EINVAL, "it counts memory too, so memory.limit must be set and not be higher"},
	{"memory.memsw.limit_in_bytes", syscall.ENOENT, "this kernel does not account swap: boot it with swapaccount=1, or switch swap off"},
	{"memory.swap.max", syscall.ENOENT, "this kernel does not account swap: boot it with swapaccount=1, or switch swap off"},
	{"cpu.cfs_quota_us", syscall.EINVAL, "it is below cpu.burst in force, or above what the cgroups above have"},
	{"cpu.cfs_period_us", syscall.EINVAL, "with the quota in force that is more than the cgroups above have"},
	{"cpu.cfs_burst_us", syscall.EINVAL, "it is above cpu.quota in force"},
	{"cpu.max", syscall.EINVAL, "it is below cpu.burst in force"},
	{"cpu.max.burst", syscall.EINVAL, "it is above cpu.quota in force"},
	{"cpu.shares", syscall.EINVAL, "cpu.idle is set"},
	{"cpu.weight", syscall.EINVAL, "cpu.idle is set"},
	{"cpu.idle", syscall.ENOENT, "it came with Linux 5.15"},
	{"cpu.rt_runtime_us", syscall.ENOENT, "this kernel has no CONFIG_RT_GROUP_SCHED"},
	{"cpu.rt_period_us", syscall.ENOENT, "this kernel has no CONFIG_RT_GROUP_SCHED"},
	{"cpu.rt_runtime_us", syscall.EINVAL, "it is above cpu.realtimePeriod, or above what the cgroups above have"},
	{"cpuset.cpus", syscall.EBUSY, "a cgroup inside has more than that"},
	{"cpuset.mems", syscall.EBUSY, "a cgroup inside has more than that"},
}

func hint(name string, w resources.Write, err error) string {
	for _, h := range hints {
		if h.file == w.File && errors.Is(err, h.errno) {
			return h.text
		}
	}
	switch {
	case w.Controller == "cpuset":
		return cpusetAbove(name)
	case w.Controller == "io" || w.Controller == "blkio":
		return deviceHint(w, err)
	case w.Controller == "rdma" && errors.Is(err, syscall.ENODEV):
		return "/sys/class/infiniband lists the names of RDMA devices"
	case errors.Is(err, syscall.ENOENT):
		return "this kernel has no such file"
	}
	return ""
}

func deviceHint(w resources.Write, err error) string {
	device, _, _ := strings.Cut(w.Value, " ")
	switch {
	case errors.Is(err, syscall.ENODEV):
		return device + " has to be a whole disk of this machine: lsblk lists their numbers"
	case errors.Is(err, syscall.EOPNOTSUPP) && w.Either:
		return "the scheduler of " + device + " has no weights; bfq has: /sys/block/DISK/queue/scheduler"
	case errors.Is(err, syscall.ENOENT) && w.Either:
		return "this kernel has no weights for disks; module bfq has"
	}
	return ""
}

// cpusetAbove says what a cgroup can have at most. In the unified hierarchy
// its list may be empty, and the effective one is what counts.
func cpusetAbove(name string) string {
	dir, file := path.Split(name)
	above := path.Dir(path.Dir(dir)) + "/" + file
	for _, f := range [...]string{above + ".effective", above} {
		if list, err := readFile(f); err == nil && list != "" {
			return "the cgroup above has " + list
		}
	}
	return ""
}
