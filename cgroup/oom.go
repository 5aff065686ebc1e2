package cgroup

import (
	"strings"

	"github.com/keg-project/keg/linux"
)

// OutOfMemory tells whether the kernel has killed a process in the cgroup for
// want of memory.
func (c *Cgroup) OutOfMemory() bool {
	if c == nil {
		return false
	}
	d, _ := c.dirOf("memory")
	file := "/memory.oom_control"
	if d.V2() {
		file = "/memory.events"
	}
	text, err := linux.ReadCgroupFile(cwd, d.Name()+file, nil)
	kills := lineOf(string(text), "oom_kill 0")
	return err == nil && strings.TrimSpace(kills) != "oom_kill 0"
}
