package plan

import (
	"strconv"
	"strings"

	"github.com/keg-project/keg/program"
)

// The CPUs of a process that joins, before and after it is in the container's
// cgroup. runtime-spec config.md#linux-process, execCPUAffinity

// initialAffinity is inherited from the thread of keg that clones: the process
// may be born in the cgroup, and its cpuset may lack these CPUs.
func (c *compiler) initialAffinity() {
	a := c.in.Spec.Process.ExecCPUAffinity
	if a == nil || a.Initial == "" {
		return
	}
	c.plan.CPUs = cpuMask(a.Initial)
	c.host(HostStep{Action: PinCPUs, Field: "process.execCPUAffinity.initial", Title: "run on the CPUs " + a.Initial + " meanwhile", Name: a.Initial})
}

func (c *compiler) finalAffinity() {
	a := c.in.Spec.Process.ExecCPUAffinity
	if a == nil || a.Final == "" {
		return
	}
	c.step("process.execCPUAffinity.final", "run on the CPUs "+a.Final)
	mask := cpuMask(a.Final)
	c.call(program.SchedSetaffinity, program.N(0), program.N(len(mask)), c.b.Bytes(mask, "{"+a.Final+"}"))
}

// maxCPU bounds what a mask is made for; the kernel's own bound is 8192.
const maxCPU = 1 << 13

// cpuMask is the bit mask of a list like "0-3,7", which is validated; in whole
// 64-bit words. sched_setaffinity(2), cpuset(7) "List format"
func cpuMask(list string) []byte {
	mask := make([]byte, 8)
	for part := range strings.SplitSeq(list, ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			to = from
		}
		first, _ := strconv.Atoi(from)
		last, _ := strconv.Atoi(to)
		for k := first; k <= min(last, maxCPU-1); k++ {
			for k/8 >= len(mask) {
				mask = append(mask, make([]byte, 8)...)
			}
			mask[k/8] |= 1 << (k % 8)
		}
	}
	return mask
}
