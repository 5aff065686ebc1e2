package run

import (
	"os"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// v1AndHybrid skips where there is only the unified hierarchy.
func v1AndHybrid(t *testing.T) {
	t.Helper()
	kegtest.NeedRoot(t)
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.procs"); err == nil {
		t.Skip("cgroup v1 is not mounted here") // the virtual machine's; at home it is
	}
}

const cgroupScript = `cd /sys/fs/cgroup; ls; for d in memory pids systemd; do grep -qx $$ $d/cgroup.procs && echo in $d; mkdir $d/sub 2>/dev/null && rmdir $d/sub && echo $d writable; done; touch x 2>/dev/null && echo root writable; cat /proc/self/mountinfo`

// Without a cgroup namespace the container sees its own cgroups, and none of
// them is writable (CVE-2023-25809).
func TestCgroupMount(t *testing.T) {
	v1AndHybrid(t)
	for _, options := range []string{"ro nosuid noexec nodev", "rw nosuid noexec nodev"} {
		b := bundle(t, cgroupScript)
		b.Spec.Mounts[len(b.Spec.Mounts)-1].Options = strings.Fields(options)
		checkCgroups(t, b.Output(), "in memory\nin pids\nin systemd\n")
	}
}

func checkCgroups(t *testing.T, out, want string) {
	t.Helper()
	for _, name := range []string{"memory", "pids", "systemd", "cpu", "freezer"} {
		m := mountAt(t, out, "/sys/fs/cgroup/"+name)
		if m.kind != "cgroup" || !strings.HasPrefix(m.root, "/") {
			t.Errorf("%+v", m)
		}
	}
	var lines strings.Builder
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "in ") || strings.Contains(line, "writable\n") {
			lines.WriteString(line)
		}
	}
	if lines.String() != want {
		t.Errorf("got %q, want %q", lines.String(), want)
	}
}

// With a cgroup namespace it is the file system itself, rooted at the
// container's cgroup, and as writable as the options say.
func TestCgroupMountInNamespace(t *testing.T) {
	v1AndHybrid(t)
	for options, want := range map[string]string{
		"ro nosuid noexec nodev": "in memory\nin pids\nin systemd\n",
		"nosuid noexec nodev":    "in memory\nmemory writable\nin pids\npids writable\nin systemd\nsystemd writable\nroot writable\n",
	} {
		b := bundle(t, cgroupScript)
		b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.CgroupNamespace})
		b.Spec.Mounts[len(b.Spec.Mounts)-1].Options = strings.Fields(options)
		out := b.Output()
		checkCgroups(t, out, want)
		if m := mountAt(t, out, "/sys/fs/cgroup/memory"); m.root != "/" {
			t.Errorf("the container's cgroup is not the root: %+v", m)
		}
	}
}

// Controllers that share a hierarchy, or are named otherwise, have links.
func TestCgroupFlags(t *testing.T) {
	v1AndHybrid(t)
	out := bundle(t, "cat /proc/self/mountinfo").Output()
	mountAt(t, out, "/sys/fs/cgroup").wantOptions(t, "ro nosuid noexec nodev")
	mountAt(t, out, "/sys/fs/cgroup/memory").wantOptions(t, "ro nosuid noexec nodev")
}

// The host's /sys, which an ordinary user's container gets, has the cgroups in
// it already: mount(2) refuses to cover a file system with itself.
func TestCgroupOverHostsSys(t *testing.T) {
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err != nil {
		t.Skip("needs pure cgroup v2")
	}
	b := kegtest.NewBundle(t, "cat", "/proc/self/mountinfo")
	b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.CgroupNamespace})
	b.Spec.Linux.Namespaces = unique(b.Spec.Linux.Namespaces)
	var mounts []oci.Mount
	for _, m := range b.Spec.Mounts {
		if !strings.HasPrefix(m.Destination, "/sys") {
			mounts = append(mounts, m)
		}
	}
	b.Spec.Mounts = append(mounts,
		oci.Mount{Type: "bind", Source: "/sys", Destination: "/sys", Options: []string{"rbind"}},
		oci.Mount{Type: "cgroup", Source: "cgroup", Destination: "/sys/fs/cgroup", Options: []string{"nosuid", "noexec", "nodev", "ro"}})
	out := b.Output()
	if m := mountAt(t, out, "/sys/fs/cgroup"); m.kind != "cgroup2" || m.root != "/" || !strings.Contains(out, "ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup ") {
		t.Errorf("%+v in\n%s", m, out)
	}
}

func unique(list []oci.LinuxNamespace) []oci.LinuxNamespace {
	var kept []oci.LinuxNamespace
	for _, n := range list {
		if !slices.Contains(kept, n) {
			kept = append(kept, n)
		}
	}
	return kept
}

// Without a cgroup namespace an ordinary user's container, which keg can make no
// cgroup for, sees the one that it is in: keg's own, and read-only.
func TestCgroupMountOfUser(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("an ordinary user's")
	}
	b := kegtest.NewBundle(t, "sh", "-c", `d=/sys/fs/cgroup; [ -e $d/cgroup.procs ] || d=$d/memory; ls $d/cgroup.procs; mkdir $d/x && echo writable`)
	b.Spec.Linux.Namespaces = slices.DeleteFunc(b.Spec.Linux.Namespaces, func(n oci.LinuxNamespace) bool { return n.Type == oci.CgroupNamespace })
	b.Spec.Mounts = slices.DeleteFunc(b.Spec.Mounts, func(m oci.Mount) bool { return strings.HasPrefix(m.Destination, "/sys") })
	b.Spec.Mounts = append(b.Spec.Mounts, oci.Mount{Type: "cgroup", Source: "cgroup", Destination: "/sys/fs/cgroup", Options: []string{"rw"}})
	r := b.Run()
	if !strings.HasSuffix(r.Stdout, "/cgroup.procs\n") || !strings.Contains(r.Stderr, "Read-only file system") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}
