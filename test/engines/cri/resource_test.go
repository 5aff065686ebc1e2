package cri

import (
	"strconv"
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var resources = []scenario{
	{Name: "limits of a container, as it sees them", Run: limits},
	{Name: "UpdateContainerResources: memory, by what is killed", Run: updateMemory},
	{Name: "UpdateContainerResources: CPU, by what is throttled", Run: updateCPU},
	{Name: "a container that is killed for want of memory is OOMKilled", Run: outOfMemory},
}

const mebibyte = 1 << 20

func limited(edit func(*cri.LinuxContainerResources)) wish {
	return func(c *cri.ContainerConfig) { edit(c.Linux.Resources) }
}

// either is the file of version 1 or, without it, that of version 2.
func either(v1, v2 string) string {
	if unified() {
		return "cat /sys/fs/cgroup/" + v2
	}
	return "cat /sys/fs/cgroup/" + v1
}

func limits(t testing.TB, n *node) {
	c := n.pod(t).idle(t, limited(func(r *cri.LinuxContainerResources) {
		r.CpuShares, r.CpuPeriod, r.CpuQuota = 512, 100000, 50000
		r.MemoryLimitInBytes = 64 * mebibyte
		r.CpusetCpus = "0"
		r.OomScoreAdj = 985
	}))
	c.prints(t,
		either("memory/memory.limit_in_bytes", "memory.max"), strconv.Itoa(64*mebibyte),
		"cat /proc/1/oom_score_adj", "985",
		"nproc", "1")
	if unified() {
		c.prints(t, "cat /sys/fs/cgroup/cpu.max", "50000 100000")
		// Newer runtimes, keg among them, weigh shares by another formula than older ones.
		if got := c.output(t, "cat /sys/fs/cgroup/cpu.weight"); got != "59" && got != "20" {
			t.Errorf("weight %s", got)
		}
	} else {
		c.prints(t, "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000", "cat /sys/fs/cgroup/cpu/cpu.shares", "512")
	}
	procs := strings.TrimPrefix(either("memory/cgroup.procs", "cgroup.procs"), "cat ")
	if said := c.fails(t, "echo 1 > "+procs); !strings.Contains(said, "Read-only file system") {
		t.Error(said)
	}
}

func (c *container) update(t testing.TB, r *cri.LinuxContainerResources) {
	t.Helper()
	_, err := c.pod.node.UpdateContainerResources(bg, &cri.UpdateContainerResourcesRequest{ContainerId: c.id, Linux: r})
	must(t, err)
}

// take makes a process use 40 MiB.
var take = []string{"dd", "if=/dev/zero", "of=/dev/null", "bs=40M", "count=1"}

func updateMemory(t testing.TB, n *node) {
	c := n.pod(t).idle(t, limited(func(r *cri.LinuxContainerResources) { r.MemoryLimitInBytes = 100 * mebibyte }))
	for _, x := range []struct {
		limit int64
		code  int32
	}{{100, 0}, {20, 137}, {80, 0}} {
		c.update(t, &cri.LinuxContainerResources{MemoryLimitInBytes: x.limit * mebibyte})
		r, err := c.probe(60, take...)
		must(t, err)
		if r.ExitCode != x.code {
			t.Errorf("40 MiB where %d are allowed: %v", x.limit, r)
		}
		c.prints(t, either("memory/memory.limit_in_bytes", "memory.max"), strconv.FormatInt(x.limit*mebibyte, 10))
	}
}

func (c *container) throttled(t testing.TB) string {
	t.Helper()
	return c.output(t, either("cpu/cpu.stat", "cpu.stat")+" | grep ^nr_throttled")
}

func updateCPU(t testing.TB, n *node) {
	c := n.pod(t).run(t, script("while :; do :; done"))
	if got := c.throttled(t); got != "nr_throttled 0" {
		t.Errorf("without a limit: %s", got)
	}
	c.update(t, &cri.LinuxContainerResources{CpuPeriod: 50000, CpuQuota: 5000})
	eventually(t, "throttled", func() (any, bool) { s := c.throttled(t); return s, s != "nr_throttled 0" })
}

func outOfMemory(t testing.TB, n *node) {
	// The shim begins to watch for it after the start.
	begin := script("until test -e /dev/shm/go; do sleep 0.05; done; exec " + strings.Join(take, " "))
	c := n.pod(t).run(t, begin, limited(func(r *cri.LinuxContainerResources) { r.MemoryLimitInBytes = 16 * mebibyte }))
	c.output(t, "touch /dev/shm/go")
	if s := c.ended(t); s.ExitCode != 137 {
		t.Errorf("%v", s)
	}
	eventually(t, "OOMKilled", func() (any, bool) { s := c.status(t); return s, s.Reason == "OOMKilled" })
}
