package plan

import "github.com/keg-project/keg/program"

// The CPUs of a process that joins, before and after it is in the container's
// cgroup. runtime-spec config.md#linux-process, execCPUAffinity

// initialAffinity is inherited from the thread of keg that clones: the process
// may be born in the cgroup, and its cpuset may lack these CPUs.
func (c *compiler) initialAffinity() {
	a := c.in.Spec.Process.ExecCPUAffinity
	if a == nil || a.Initial == "" {
		return
	}
	c.plan.CPUs = bitMask(a.Initial)
	c.host(HostStep{Action: PinCPUs, Field: "process.execCPUAffinity.initial", Title: "run on the CPUs " + a.Initial + " meanwhile", Name: a.Initial})
}

func (c *compiler) finalAffinity() {
	a := c.in.Spec.Process.ExecCPUAffinity
	if a == nil || a.Final == "" {
		return
	}
	c.step("process.execCPUAffinity.final", "run on the CPUs "+a.Final)
	mask := bitMask(a.Final)
	c.call(program.SchedSetaffinity, program.N(0), program.N(8*len(mask)), c.b.Words("{"+a.Final+"}", mask...))
}
