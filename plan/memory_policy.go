package plan

import (
	"strings"

	"github.com/keg-project/keg/program"
)

// set_mempolicy(2)
var (
	memoryModes = [...]named{
		{"MPOL_DEFAULT", 0}, {"MPOL_PREFERRED", 1}, {"MPOL_BIND", 2}, {"MPOL_INTERLEAVE", 3}, {"MPOL_LOCAL", 4},
		{"MPOL_PREFERRED_MANY", 5}, {"MPOL_WEIGHTED_INTERLEAVE", 6},
	}
	memoryFlags = [...]named{
		{"MPOL_F_NUMA_BALANCING", 1 << 13}, {"MPOL_F_RELATIVE_NODES", 1 << 14}, {"MPOL_F_STATIC_NODES", 1 << 15},
	}
)

// MemoryPolicies lists the modes and flags that keg knows, for `keg features`.
func MemoryPolicies() (modes, flags []string) {
	for _, m := range memoryModes {
		modes = append(modes, m.name)
	}
	for _, f := range memoryFlags {
		flags = append(flags, f.name)
	}
	return modes, flags
}

// maxNode bounds the mask of nodes; the kernel takes as many bits as a page
// has. get_nodes in mm/mempolicy.c
const maxNode = 4096*8 - 65

// memoryPolicy says which NUMA nodes the process's memory comes from. It needs
// the final cpuset, which the nodes must be of.
func (c *compiler) memoryPolicy() {
	if c.in.Spec.Linux == nil || c.in.Spec.Linux.MemoryPolicy == nil {
		return
	}
	p := c.in.Spec.Linux.MemoryPolicy
	c.step("linux.memoryPolicy", strings.TrimSpace("set the memory policy to "+string(p.Mode)+" "+p.Nodes))
	mode, name := number(memoryModes[:], string(p.Mode)), string(p.Mode)
	for _, f := range p.Flags {
		mode |= number(memoryFlags[:], string(f))
		name += "|" + string(f)
	}
	mask := bitMask(p.Nodes)
	if len(mask) == 0 {
		c.call(program.SetMempolicy, program.Named(mode, name), program.N(0), program.N(0))
		return
	}
	if 64*len(mask) > maxNode {
		c.fail("linux.memoryPolicy.nodes", "%s: no kernel has so many nodes", p.Nodes)
		return
	}
	// The kernel takes one bit less than it is told.
	c.call(program.SetMempolicy, program.Named(mode, name), c.b.Words("{nodes="+p.Nodes+"}", mask...), program.N(64*len(mask)+1))
}
