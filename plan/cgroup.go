package plan

import (
	"syscall"

	"github.com/keg-project/keg/program"
)

// enterCgroups moves the first process into its v1 cgroups; into the unified
// hierarchy it is cloned. A single thread that moves itself ("0" to the thread
// list) needs no lock against forks, which takes an RCU grace period, some
// 10 ms, where keg would write its pid. The kernel asks whether who opened the
// list may do so: keg, so it works from a user namespace too.
func (c *compiler) enterCgroups() {
	if c.in.NoCgroup {
		return
	}
	first := true
	for _, h := range c.in.Host.CgroupMounts {
		if h.Unified || h.Path == "" || c.in.Scope != nil && h.Name == "systemd" {
			continue // systemd puts it into its own
		}
		if first {
			c.step("linux.cgroupsPath", "enter the container's cgroups")
			first = false
		}
		fd := c.inheritedFD(FD{Kind: FDTasks, Field: "linux.cgroupsPath", Path: h.Path})
		o := op(program.Write, fd, c.b.Text("0"), program.N(1))
		o.On[0].Errno = syscall.EBADF // an ordinary user who may not make cgroups runs without
		c.b.Add(o)
	}
}
