package buildah

import (
	"path/filepath"
	"testing"
)

// rootOnly is what an ordinary user lacks: cgroups of v1, and two namespaces of the
// machine's, which Buildah does not give to one.
var rootOnly = []scenario{
	{Name: "bud --memory: a RUN that is killed for want of it", Run: outOfMemory},
	{Name: "from --memory, --cpu-quota, --cpu-shares, --cpuset-cpus: in the container's cgroup", Run: inCgroup},
	{Name: "bud --cgroup-parent", Run: cgroupParent},
	{Name: "run --ipc host, --pid host", Run: func(t testing.TB, b *buildah) {
		b.prints(t, b.Namespace(t, "ipc")+"\n"+b.Namespace(t, "pid")+"\n", box, "readlink /proc/self/ns/ipc; readlink /proc/self/ns/pid", "--ipc", "host", "--pid", "host")
	}},
}

func outOfMemory(t testing.TB, b *buildah) {
	r := b.bud(t, "FROM localhost/busybox\nRUN dd if=/dev/zero of=/dev/null bs=1M count=1 && echo '> small'\nRUN exec dd if=/dev/zero of=/dev/null bs=64M count=1\n",
		"--memory", "16m", "--memory-swap", "16m")
	equal(t, "output", lines(r), "small\n")
	equal(t, "exit status", r.Code, 1)
	contains(t, "message", r.Stderr, "container exited on killed")
	b.nothingLeft(t)
}

func inCgroup(t testing.TB, b *buildah) {
	name := b.from(t, "--memory", "32m", "--memory-swap", "32m", "--cpu-period", "50000", "--cpu-quota", "25000", "--cpu-shares", "512", "--cpuset-cpus", "0")
	files, want := "memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpu/cpu.shares", "33554432\n25000\n50000\n512\n0\n"
	if b.V2 {
		files, want = "memory.max cpu.max", "33554432\n25000 50000\n0\n"
	}
	b.prints(t, want, name, "cd /sys/fs/cgroup; cat "+files+"; grep Cpus_allowed_list /proc/self/status | cut -f2")
}

// cgroupParent: a build has its runtime make the cgroups, also where systemd makes those
// of `buildah run`.
func cgroupParent(t testing.TB, b *buildah) {
	parent := "/" + filepath.Base(b.Dir) + "-parent"
	t.Cleanup(func() { b.RemoveCgroups(t, parent) })
	r := b.bud(t, "FROM localhost/busybox\nRUN sed 's/^/> /' /proc/self/cgroup\n", "--cgroup-parent", parent, "--cgroupns", "host")
	contains(t, "cgroups", lines(r), ":"+parent)
}
