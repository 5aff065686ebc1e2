package run

import (
	"os"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// keg --cgroup-manager disabled, as Podman has it for --cgroups=disabled: the
// container stays in the cgroups of its caller.
func disabled(b *kegtest.Bundle, args ...string) kegtest.Result {
	return b.Keg(append([]string{"--cgroup-manager", "disabled"}, args...)...)
}

func TestNoCgroup(t *testing.T) {
	b := bundle(t, "sleep 1000")
	b.Spec.Linux.Resources = nil
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "--force", b.ID()) })
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	if r := disabled(b, "create", "--bundle", b.Dir, "--pid-file", b.Dir+"/pid", b.ID()); r.Code != 0 || r.Stderr != "" {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	if r := b.Keg("start", b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	pid, err := os.ReadFile(b.Dir + "/pid")
	if err != nil {
		t.Fatal(err)
	}
	if its, err := os.ReadFile("/proc/" + string(pid) + "/cgroup"); err != nil || string(its) != string(own) {
		t.Errorf("%v, the container is in\n%s, its caller in\n%s", err, its, own)
	}
	if r := disabled(b, "exec", b.ID(), "echo", "joined"); r.Stdout != "joined\n" {
		t.Errorf("exec: exit status %d\n%s", r.Code, r.Stderr)
	}
	for _, args := range [][]string{{"kill", "--all", b.ID(), "KILL"}, {"delete", "--force", b.ID()}} {
		if r := b.Keg(args...); r.Code != 0 {
			t.Errorf("%s: exit status %d\n%s", args, r.Code, r.Stderr)
		}
	}
}

// What can be had only from a cgroup is refused, but for the list of devices,
// which every engine writes.
func TestNoCgroupToLimit(t *testing.T) {
	const none = "--cgroup-manager disabled: the container has no cgroup of its own"
	limit := int64(1 << 26)
	r := &oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: &limit}}
	for want, l := range map[string]oci.Linux{
		"linux.resources.memory.limit: the cgroup cannot have the controller memory: " + none: {Resources: r},
		"linux.cgroupsPath: " + none: {CgroupsPath: "/keg-none"},
		"linux.resources.unified":    {Resources: &oci.LinuxResources{Unified: map[string]string{"cgroup.max.depth": "1"}}},
	} {
		b := bundle(t, "true")
		b.Spec.Linux.Resources, b.Spec.Linux.CgroupsPath = l.Resources, l.CgroupsPath
		b.Write()
		if got := disabled(b, "run", "--bundle", b.Dir, b.ID()); got.Code != 1 || !strings.Contains(got.Stderr, want) {
			t.Errorf("exit status %d\n%s\nwant %s", got.Code, got.Stderr, want)
		}
	}
	b := bundle(t, "echo ran")
	b.Spec.Linux.Resources = &oci.LinuxResources{Devices: []oci.LinuxDeviceCgroup{{Access: "rwm"}}}
	b.Write()
	want := "linux.resources.devices: not enforced: " + none + "\n"
	if got := disabled(b, "run", "--bundle", b.Dir, b.ID()); got.Stdout != "ran\n" || !strings.HasSuffix(got.Stderr, want) {
		t.Errorf("%q, %s\nwant %s", got.Stdout, got.Stderr, want)
	}
}

// With a cgroup namespace, too, the caller's cgroups are not the container's to change.
func TestNoCgroupMount(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, `for d in /sys/fs/cgroup /sys/fs/cgroup/memory; do [ -d $d ] && mkdir $d/keg-sub && rmdir $d/keg-sub; done; ls /sys/fs/cgroup; ls /sys/fs/cgroup/memory`)
	b.Spec.Linux.Resources = nil
	b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.CgroupNamespace})
	b.Spec.Linux.Namespaces = unique(b.Spec.Linux.Namespaces)
	i := slices.IndexFunc(b.Spec.Mounts, func(m oci.Mount) bool { return m.Type == "cgroup" })
	b.Spec.Mounts[i].Options = []string{"rw"}
	b.Write()
	r := disabled(b, "run", "--bundle", b.Dir, b.ID())
	if !strings.Contains(r.Stdout, "cgroup.procs\n") || !strings.Contains(r.Stderr, "Read-only file system") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

func TestCgroupManagerContradicted(t *testing.T) {
	b := bundle(t, "true")
	b.Write()
	for manager, want := range map[string]string{
		"disabled": "--systemd-cgroup and --cgroup-manager disabled contradict each other",
		"cgroupfs": "--systemd-cgroup and --cgroup-manager cgroupfs contradict each other",
		"none":     `--cgroup-manager: "none" is not one of cgroupfs, systemd, disabled`,
	} {
		if r := b.Keg("--systemd-cgroup", "--cgroup-manager", manager, "run", "--bundle", b.Dir, b.ID()); r.Code != 1 || !strings.Contains(r.Stderr, want) {
			t.Errorf("exit status %d\n%s\nwant %s", r.Code, r.Stderr, want)
		}
	}
}
