package plan

import (
	"strconv"
	"strings"

	"github.com/keg-project/keg/program"
)

// The CPUs of a process that joins, before and after it is in the container's
// cgroup. runtime-spec config.md#linux-process, execCPUAffinity
func (c *compiler) initialAffinity() {
	if a := c.in.Spec.Process.ExecCPUAffinity; a != nil {
		c.affinity("initial", a.Initial)
	}
}

func (c *compiler) finalAffinity() {
	if a := c.in.Spec.Process.ExecCPUAffinity; a != nil {
		c.affinity("final", a.Final)
	}
}

func (c *compiler) affinity(field, cpus string) {
	if cpus == "" {
		return
	}
	c.step("process.execCPUAffinity."+field, "run on the CPUs "+cpus)
	mask := cpuMask(cpus)
	c.call(program.SchedSetaffinity, program.N(0), program.N(len(mask)), c.b.Bytes(mask, "{"+cpus+"}"))
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
