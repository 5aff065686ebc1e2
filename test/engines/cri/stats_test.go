package cri

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var statistics = []scenario{
	{Name: "ContainerStats: CPU, memory and disk, as they are", Run: containerStats},
	{Name: "PodSandboxStats: the pod's CPU, memory, network and processes", Run: podStats},
}

func (c *container) stats(t testing.TB) *cri.ContainerStats {
	t.Helper()
	s, err := c.pod.node.ContainerStats(bg, &cri.ContainerStatsRequest{ContainerId: c.id})
	must(t, err)
	return s.Stats
}

// usedCPU is what the kernel says of a cgroup, in nanoseconds.
func usedCPU(t testing.TB, p *pod, id string) uint64 {
	t.Helper()
	text := readCgroup(t, p.config.Linux.CgroupParent, id, "cpuacct", "cpuacct.usage", "cpu.stat")
	factor := uint64(1)
	if unified() {
		factor = 1000
		text = strings.Fields(text)[1] // usage_usec
	}
	used, err := strconv.ParseUint(text, 10, 64)
	must(t, err)
	return used * factor
}

func containerStats(t testing.TB, n *node) {
	p := n.pod(t)
	c := p.idle(t, limited(func(r *cri.LinuxContainerResources) { r.MemoryLimitInBytes = 200 * mebibyte }))
	c.output(t, "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")
	c.output(t, "dd if=/dev/zero of=/dev/shm/held bs=1M count=40; dd if=/dev/urandom of=/data/written bs=1M count=10")
	before := usedCPU(t, p, c.id)
	s := c.stats(t)
	after := usedCPU(t, p, c.id)
	// Version 2 counts in microseconds.
	if got := s.Cpu.UsageCoreNanoSeconds.GetValue(); got < before || got > after || got == 0 {
		t.Errorf("CPU: %d, not from %d to %d", got, before, after)
	}
	if got := s.Memory.UsageBytes.GetValue(); got < 40*mebibyte || got > 100*mebibyte {
		t.Errorf("memory: %d of some 50 MiB", got)
	}
	if got := s.Memory.WorkingSetBytes.GetValue() + s.Memory.AvailableBytes.GetValue(); got != 200*mebibyte {
		t.Errorf("working set and what is available: %d", got)
	}
	if s.Attributes.Labels["io.kubernetes.container.name"] != c.config.Metadata.Name {
		t.Errorf("of: %v", s.Attributes)
	}
	eventually(t, "10 MiB written", func() (any, bool) {
		used := c.stats(t).WritableLayer.GetUsedBytes().GetValue()
		return used, used >= 10*mebibyte && used < 12*mebibyte
	})
	all, err := n.ListContainerStats(bg, &cri.ListContainerStatsRequest{Filter: &cri.ContainerStatsFilter{PodSandboxId: p.id}})
	must(t, err)
	if len(all.Stats) != 1 || all.Stats[0].Attributes.Id != c.id {
		t.Errorf("listed: %v", all.Stats)
	}
}

func podStats(t testing.TB, n *node) {
	p := n.pod(t)
	server := p.serve(t, strings.Repeat("x", 100000))
	p.run(t, script("sleep 1001 & sleep 1002 & wait"))
	client := n.pod(t).idle(t)
	client.output(t, "wget -qO- http://"+p.address(t)+":8080/ | wc -c")
	eventually(t, "four processes", func() (any, bool) {
		before := usedCPU(t, p, "")
		answer, err := n.PodSandboxStats(bg, &cri.PodSandboxStatsRequest{PodSandboxId: p.id})
		must(t, err)
		after := usedCPU(t, p, "")
		s := answer.Stats.Linux
		if got := s.Cpu.UsageCoreNanoSeconds.GetValue(); got < before || got > after {
			t.Fatalf("CPU: %d, not from %d to %d", got, before, after)
		}
		if got := s.Network.DefaultInterface.TxBytes.GetValue(); got < 100000 || got > 200000 {
			t.Fatalf("%d bytes sent", got)
		}
		return fmt.Sprint(s.Process), s.Process.ProcessCount.GetValue() == 4 && len(s.Containers) == 2
	})
	if got := server.stats(t).Memory.UsageBytes.GetValue(); got == 0 {
		t.Error("a server without memory")
	}
}
