package plan

import (
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// fewerCapabilities keeps of keg's capabilities what the program gets and what
// the way there takes, before the process is born where the container sees it.
// A program with CAP_SYS_PTRACE may trace it, dumpable or not, unless it has a
// user namespace: it would gain all that root on the host can do. Where keg has
// too little for this, there is little to gain.
func (c *compiler) fewerCapabilities() {
	p := c.in.Spec.Process
	if p == nil || c.join.Plain || c.join.Types&linux.CLONE_NEWUSER != 0 {
		return
	}
	sets := c.capabilities(p.Capabilities)
	keep := sets.effective | sets.permitted | sets.inheritable | c.stillNeeded(sets)
	c.step("process.capabilities", "give up what neither the program has nor the way to it takes")
	o := op(program.Capset, c.b.Bytes(capHeader(), "{version=3}"), c.b.Bytes(capData(capabilitySets{effective: keep, permitted: keep}), describeSets(capabilitySets{effective: keep, permitted: keep})))
	o.On[0].Errno = eperm
	c.b.Add(o)
}

// stillNeeded is what processOrder takes. The container's passwd file and its
// /dev/pts may be no place for a root without CAP_DAC_OVERRIDE.
func (c *compiler) stillNeeded(sets capabilitySets) uint64 {
	p, names := c.in.Spec.Process, []string{"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP"}
	if len(p.Rlimits) > 0 {
		names = append(names, "CAP_SYS_RESOURCE")
	}
	if l := c.in.Spec.Linux; p.Scheduler != nil || p.IOPriority != nil || l != nil && l.MemoryPolicy != nil {
		names = append(names, "CAP_SYS_NICE")
	}
	if c.filterNeedsAdmin(sets) {
		names = append(names, "CAP_SYS_ADMIN")
	}
	bits := uint64(0)
	for _, name := range names {
		bits |= 1 << capabilityNumber(name)
	}
	return bits
}
