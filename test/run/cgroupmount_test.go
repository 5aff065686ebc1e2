package run

import (
	"os"
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
		kegtest.Skip(t, "cgroup v1 is not mounted here")
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
