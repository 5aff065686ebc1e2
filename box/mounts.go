package box

import (
	"github.com/opencontainers/runtime-spec/specs-go"
)

// kernelMounts are what every program expects to find.
func kernelMounts(gids []specs.LinuxIDMapping) []specs.Mount {
	return []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: devptsOptions(gids)},
		{Destination: "/dev/shm", Type: "tmpfs", Source: "shm", Options: []string{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
		{Destination: "/dev/mqueue", Type: "mqueue", Source: "mqueue", Options: []string{"nosuid", "noexec", "nodev"}},
	}
}

// devptsOptions gives terminals to the group tty, unless the box does not know
// that group: the kernel refuses a gid that is not mapped.
func devptsOptions(gids []specs.LinuxIDMapping) []string {
	options := []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}
	if mapped(gids, 5) {
		options = append(options, "gid=5")
	}
	return options
}

func cgroupMount() []specs.Mount {
	return []specs.Mount{{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: []string{"nosuid", "noexec", "nodev", "relatime", "ro"}}}
}

// readOnlyMounts leave a read-only root a place for temporary files. A copy of
// this machine has one anyway.
func readOnlyMounts(r root, o *Options) []specs.Mount {
	if !o.ReadOnly || len(r.mounts) > 0 {
		return nil
	}
	return []specs.Mount{{Destination: "/tmp", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "nodev", "mode=1777"}}}
}

// maskedPaths show things of this machine that a box has no business with.
func maskedPaths() []string {
	return []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/devices/virtual/powercap", "/sys/firmware",
	}
}

// readonlyPaths are switches of the whole kernel. uid 0 of this machine passes
// their permission check without any capability.
func readonlyPaths() []string {
	return []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
}
