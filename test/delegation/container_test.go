package delegation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// manager does what a service manager does in a container: a sub-cgroup for
// itself, controllers for the others, and limits for these.
const manager = `cd /sys/fs/cgroup || exit
	mkdir init work && echo 0 > init/cgroup.procs && echo "+pids +memory" > cgroup.subtree_control && echo 5 > work/pids.max || exit
	echo "service: $(cat work/pids.max)"
	cat /proc/self/cgroup
	echo max > pids.max && echo "own limit changed"
	`

// manages is a container with a cgroup namespace, whose cgroups it may write.
func manages(t *testing.T, script string) *kegtest.Bundle {
	t.Helper()
	b := kegtest.NewBundle(t, "sh", "-c", script)
	ns := &b.Spec.Linux.Namespaces
	*ns = slices.DeleteFunc(*ns, func(n oci.LinuxNamespace) bool { return n.Type == oci.CgroupNamespace })
	*ns = append(*ns, oci.LinuxNamespace{Type: oci.CgroupNamespace})
	for i := range b.Spec.Mounts {
		if m := &b.Spec.Mounts[i]; m.Destination == "/sys/fs/cgroup" {
			m.Options = []string{"nosuid", "noexec", "nodev", "rw"}
		}
	}
	return b
}

func withUserNamespace(b *kegtest.Bundle) {
	b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
	b.Spec.Linux.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 65536}}
	b.Spec.Linux.GIDMappings = b.Spec.Linux.UIDMappings
}

// runtime-spec config-linux.md#cgroup-ownership
func TestOwnership(t *testing.T) {
	pureV2(t)
	b := manages(t, manager)
	withUserNamespace(b)
	b.Spec.Linux.Resources = pids(7)
	if r := b.Run(); r.Code != 1 || r.Stdout != "service: 5\n0::/init\n" {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	if left := cgroups(b); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// Read-only, the cgroup stays whose it was.
func TestNoOwnership(t *testing.T) {
	pureV2(t)
	for _, options := range [][]string{{"ro"}, {"rw"}} {
		b := manages(t, "stat -c %u /sys/fs/cgroup/cgroup.procs; mkdir /sys/fs/cgroup/x && echo made")
		withUserNamespace(b)
		want := "100000\nmade\n"
		if b.Spec.Mounts[len(b.Spec.Mounts)-1].Options = options; options[0] == "ro" {
			want = "65534\n"
		} else {
			want = "0\nmade\n"
		}
		if r := b.Run(); r.Stdout != want {
			t.Errorf("%v: got %q, want %q\n%s", options, r.Stdout, want, r.Stderr)
		}
	}
}

// The annotation gives the container a cgroup that is all its own, below what
// limits it.
func TestDelegateAnnotation(t *testing.T) {
	pureV2(t)
	for _, user := range []bool{false, true} {
		b := manages(t, manager+forks)
		if user {
			withUserNamespace(b)
		}
		b.Spec.Annotations = map[string]string{"run.oci.delegate-cgroup": "payload"}
		b.Spec.Linux.Resources = pids(4)
		r := b.Run()
		if !strings.HasPrefix(r.Stdout, "service: 5\n0::/init\n") || user && strings.Contains(r.Stdout, "own limit changed") ||
			!strings.Contains(r.Stdout, "started 3\n") || strings.Contains(r.Stdout, "started 4\n") {
			t.Errorf("user namespace %v: exit status %d\n%s%s", user, r.Code, r.Stdout, r.Stderr)
		}
		if left := cgroups(b); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	}
}

func TestDelegateAnnotationRefused(t *testing.T) {
	kegtest.NeedRoot(t)
	b := manages(t, "true")
	want := "must name a sub-cgroup"
	b.Spec.Annotations = map[string]string{"run.oci.delegate-cgroup": ".."}
	if _, err := os.Stat(mountRoot + "/cgroup.controllers"); err != nil {
		want = "delegation is safe on pure cgroup v2 only"
	}
	refused(t, b.Run(), "annotations.run.oci.delegate-cgroup: "+want)
}

// keg runs in a container of keg's as it does outside: with limits, too, once
// nothing is left in the cgroup that keg's own are made below.
func TestNested(t *testing.T) {
	kegtest.NeedRoot(t)
	b := manages(t, `if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
			keg shell --pids 4 -- true; mkdir /sys/fs/cgroup/init; echo 0 > /sys/fs/cgroup/init/cgroup.procs; fi
		keg shell -- true && echo "without limits"
		keg shell --pids 4 -- sh -c '`+forks+`'
		keg shell -- sh -c 'cat /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/pids/cgroup.procs 2>/dev/null | wc -l'
		find /sys/fs/cgroup -name "shell-*"`)
	all := []string{"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_MKNOD", "CAP_NET_ADMIN", "CAP_SETFCAP", "CAP_SETGID",
		"CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE"}
	b.Spec.Process.Capabilities = &oci.LinuxCapabilities{Bounding: all, Effective: all, Permitted: all}
	b.Spec.Linux.MaskedPaths, b.Spec.Linux.ReadonlyPaths = nil, nil
	b.Spec.Root.Readonly, b.Spec.Process.NoNewPrivileges = false, false
	must(t, os.Mkdir(filepath.Join(b.Dir, "rootfs/keg"), 0o755))
	b.Spec.Mounts = append(b.Spec.Mounts,
		oci.Mount{Destination: "/bin/keg", Source: kegtest.Keg(t), Options: []string{"bind", "ro"}},
		oci.Mount{Destination: "/run", Type: "tmpfs", Source: "tmpfs"})
	r := b.Run()
	if !strings.Contains(r.Stdout, "without limits\n") || !strings.Contains(r.Stdout, "started 2\n") || strings.Contains(r.Stdout, "started 4\n") || strings.Contains(r.Stdout, "shell-") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	if _, err := os.Stat(mountRoot + "/cgroup.controllers"); err == nil && !strings.Contains(r.Stderr, "it hands down no controllers, since it has processes") {
		t.Errorf("no reason in\n%s", r.Stderr)
	}
}
