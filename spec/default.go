package spec

import (
	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Default is the configuration that `keg spec` writes: a shell on a terminal,
// in the directory rootfs beside the file, with few privileges. For an ordinary
// user (rootless), uid and gid are that user's, who is root inside; no network
// namespace then, since nothing could be connected to it.
func Default(rootless bool, uid, gid int, cgroupV2 bool) *oci.Spec {
	s := &oci.Spec{
		Version:  oci.Version,
		Root:     &oci.Root{Path: "rootfs", Readonly: true},
		Process:  defaultProcess(),
		Hostname: "keg",
		Mounts:   defaultMounts(rootless, cgroupV2),
		Linux: &oci.Linux{
			Namespaces:    defaultNamespaces(rootless, cgroupV2),
			MaskedPaths:   defaultMasked(),
			ReadonlyPaths: []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
		},
	}
	if rootless { // limits need a cgroup that was delegated
		s.Linux.UIDMappings = []oci.LinuxIDMapping{{HostID: uint32(uid), Size: 1}}
		s.Linux.GIDMappings = []oci.LinuxIDMapping{{HostID: uint32(gid), Size: 1}}
		return s
	}
	s.Linux.Resources = &oci.LinuxResources{
		Devices: []oci.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}},
	}
	return s
}

func defaultProcess() *oci.Process {
	capabilities := []string{"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"}
	return &oci.Process{
		Terminal: true,
		Args:     []string{"sh"},
		Env: []string{
			"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			"TERM=xterm",
		},
		Cwd:             "/",
		NoNewPrivileges: true,
		Capabilities: &oci.LinuxCapabilities{
			Bounding: capabilities, Effective: capabilities, Permitted: capabilities,
		},
		Rlimits: []oci.POSIXRlimit{{Type: "RLIMIT_NOFILE", Hard: 1024, Soft: 1024}},
	}
}

func defaultMounts(rootless, cgroupV2 bool) []oci.Mount {
	pts := []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}
	if !rootless { // the group tty has no mapping
		pts = append(pts, "gid=5")
	}
	list := []oci.Mount{
		mount("proc", "proc", "/proc"),
		mount("tmpfs", "tmpfs", "/dev", "nosuid", "strictatime", "mode=755", "size=65536k"),
		mount("devpts", "devpts", "/dev/pts", pts...),
		mount("tmpfs", "shm", "/dev/shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
		mount("mqueue", "mqueue", "/dev/mqueue", "nosuid", "noexec", "nodev"),
	}
	cgroup := mount("cgroup", "cgroup", "/sys/fs/cgroup", "nosuid", "noexec", "nodev", "relatime", "ro")
	switch {
	case !rootless:
		return append(list, mount("sysfs", "sysfs", "/sys", "nosuid", "noexec", "nodev", "ro"), cgroup)
	case cgroupV2: // sysfs belongs to the network namespace, which is the machine's
		return append(list, hostSys(), cgroup)
	}
	return append(list, hostSys()) // brings the hierarchies along, read-only
}

func mount(kind, source, destination string, options ...string) oci.Mount {
	return oci.Mount{Type: kind, Source: source, Destination: destination, Options: options}
}

func hostSys() oci.Mount {
	return mount("none", "/sys", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro")
}

func defaultNamespaces(rootless, cgroupV2 bool) []oci.LinuxNamespace {
	types := []oci.LinuxNamespaceType{oci.PIDNamespace, oci.IPCNamespace, oci.UTSNamespace, oci.MountNamespace}
	if rootless {
		types = append(types, oci.UserNamespace)
	} else {
		types = append(types, oci.NetworkNamespace)
	}
	if cgroupV2 {
		types = append(types, oci.CgroupNamespace)
	}
	list := make([]oci.LinuxNamespace, len(types))
	for i, t := range types {
		list[i].Type = t
	}
	return list
}

// defaultMasked: what tells of, or acts on, the whole machine.
func defaultMasked() []string {
	return []string{
		"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware",
		"/sys/devices/virtual/powercap", "/proc/scsi",
	}
}
