package pid1

import (
	"os"
	"path"
	"strings"

	"github.com/keg-project/keg/linux"
)

const (
	nodev    = linux.MS_NODEV
	noexec   = linux.MS_NOEXEC
	nosuid   = linux.MS_NOSUID
	relatime = linux.MS_RELATIME
)

// mountPoint is a file system of the machine's.
type mountPoint struct {
	kind, target string
	source       string // "": the kind's name
	flags        uint64
	data         string
	optional     bool // the kernel may not have it
}

// early come first: the other steps read them, or write there.
var early = []mountPoint{
	{kind: "proc", target: "/proc", flags: nodev | nosuid | noexec | relatime},
}

// Half of the memory for /var, which may be covered by a disk later.
var memory = []mountPoint{
	{kind: "tmpfs", target: "/run", flags: nodev | nosuid | noexec | relatime, data: "size=10%,mode=755"},
	{kind: "tmpfs", target: "/tmp", flags: nodev | nosuid | noexec | relatime, data: "size=10%,mode=1777"},
	{kind: "tmpfs", target: "/var", flags: nodev | nosuid | noexec | relatime, data: "size=50%,mode=755"},
}

var devices = []mountPoint{
	{kind: "devtmpfs", source: "dev", target: "/dev", flags: nosuid | noexec | relatime, data: "size=10m,nr_inodes=248418,mode=755"},
}

var belowDev = []mountPoint{
	{kind: "mqueue", target: "/dev/mqueue", flags: noexec | nosuid | nodev, optional: true},
	{kind: "tmpfs", source: "shm", target: "/dev/shm", flags: noexec | nosuid | nodev, data: "mode=1777"},
	{kind: "devpts", target: "/dev/pts", flags: noexec | nosuid, data: "gid=5,mode=0620"},
}

var kernels = []mountPoint{
	{kind: "sysfs", target: "/sys", flags: noexec | nosuid | nodev},
	{kind: "securityfs", target: "/sys/kernel/security", flags: noexec | nosuid | nodev, optional: true},
	{kind: "debugfs", target: "/sys/kernel/debug", flags: noexec | nosuid | nodev, optional: true},
	{kind: "configfs", target: "/sys/kernel/config", flags: noexec | nosuid | nodev, optional: true},
	{kind: "fusectl", target: "/sys/fs/fuse/connections", flags: noexec | nosuid | nodev, optional: true},
	{kind: "selinuxfs", target: "/sys/fs/selinux", flags: noexec | nosuid, optional: true},
	{kind: "pstore", target: "/sys/fs/pstore", flags: noexec | nosuid | nodev, optional: true},
	{kind: "bpf", target: "/sys/fs/bpf", flags: noexec | nosuid | nodev, data: "mode=700", optional: true},
	{kind: "efivarfs", target: "/sys/firmware/efi/efivars", flags: noexec | nosuid | nodev, optional: true},
	{kind: "binfmt_misc", target: "/proc/sys/fs/binfmt_misc", flags: noexec | nosuid | nodev, optional: true},
}

// cgroups is how control groups are mounted: unified, or with the parameter
// linuxkit.unified_cgroup_hierarchy=0 one hierarchy for each controller that
// /proc/cgroups tells to be enabled.
func cgroups(c cmdline, controllers string) []mountPoint {
	const flags = noexec | nosuid | nodev
	if v, ok := c.value("linuxkit.unified_cgroup_hierarchy"); !ok || v != "0" {
		return []mountPoint{{kind: "cgroup2", target: "/sys/fs/cgroup", flags: flags}}
	}
	list := []mountPoint{{kind: "tmpfs", source: "cgroup_root", target: "/sys/fs/cgroup", flags: flags, data: "mode=755,size=10m"}}
	for line := range strings.Lines(controllers) {
		fields := strings.Fields(line) // subsys_name hierarchy num_cgroups enabled
		if len(fields) == 4 && fields[3] == "1" && fields[0][0] != '#' {
			list = append(list, mountPoint{kind: "cgroup", source: fields[0], target: "/sys/fs/cgroup/" + fields[0], flags: flags, data: fields[0]})
		}
	}
	return append(list, mountPoint{kind: "cgroup", target: "/sys/fs/cgroup/systemd", data: "none,name=systemd", optional: true})
}

// directory is one that programs expect.
type directory struct {
	path string
	mode os.FileMode
}

// Without a root that has them already, since it is to be read-only.
var rootDirectories = []directory{
	{"/proc", 0o555}, {"/sys", 0o555}, {"/dev", 0o755}, {"/run", 0o755}, {"/tmp", os.ModeSticky | 0o777}, {"/var", 0o755},
}

var varDirectories = []directory{
	{"/var/cache", 0o755}, {"/var/empty", 0o555}, {"/var/lib", 0o755}, {"/var/local", 0o755}, {"/var/lock", 0o755},
	{"/var/log", 0o755}, {"/var/opt", 0o755}, {"/var/spool", 0o755}, {"/var/tmp", os.ModeSticky | 0o777},
}

var devDirectories = []directory{{"/dev/mqueue", os.ModeSticky | 0o777}, {"/dev/shm", os.ModeSticky | 0o777}, {"/dev/pts", 0o755}}

// node is a character device.
type node struct {
	path         string
	mode         uint32
	major, minor uint32
}

var nodes = []node{
	{"/dev/console", 0o600, 5, 1}, {"/dev/tty1", 0o620, 4, 1}, {"/dev/tty", 0o666, 5, 0}, {"/dev/null", 0o666, 1, 3}, {"/dev/kmsg", 0o660, 1, 11},
}

var links = []struct{ name, to string }{
	{"/dev/fd", "/proc/self/fd"}, {"/dev/stdin", "/proc/self/fd/0"}, {"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"},
	{"/dev/kcore", "/proc/kcore"}, {"/var/run", "/run"},
}

// lacking are the mount points whose file system is not there yet: what came
// before may have mounted some.
func lacking(table []mountPoint, mounted []linux.Mount) []mountPoint {
	there := map[string]string{}
	for _, m := range mounted {
		there[m.Point] = m.Type
	}
	var list []mountPoint
	for _, m := range table {
		if there[path.Clean(m.target)] != m.kind {
			list = append(list, m)
		}
	}
	return list
}
