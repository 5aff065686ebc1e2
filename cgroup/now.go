package cgroup

import (
	"math"
	"strconv"
	"strings"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/resources"
)

// Facts tell what can be limited in cgroups that exist: in the unified
// hierarchy what the cgroup itself has.
func (c *Cgroup) Facts() (f resources.Facts, err error) {
	f.Unified = true
	for _, d := range c.dirs {
		if !d.V2() {
			f.V1, f.Unified = append(f.V1, strings.Split(d.Controllers, ",")...), false
			continue
		}
		text, err := linux.ReadCgroupFile(cwd, d.Name()+"/cgroup.controllers", nil)
		if err != nil {
			return f, err
		}
		f.V2 = strings.Fields(string(text))
	}
	return f, nil
}

// MemoryNow reads what memory is limited to. What the sum with swap was meant
// to be the unified hierarchy does not know.
func (c *Cgroup) MemoryNow() (now resources.MemoryNow, err error) {
	d, ok := c.dirOf("memory")
	switch {
	case !ok:
		return now, nil
	case d.V2():
		now.Limit, err = limitIn(d, "memory.max")
		return now, err
	}
	if now.Limit, err = limitIn(d, "memory.limit_in_bytes"); err != nil {
		return now, err
	}
	now.Swap, err = limitIn(d, "memory.memsw.limit_in_bytes")
	return now, err
}

// limitIn reads a number of bytes; -1 for none, 0 where there is no such file.
func limitIn(d Dir, file string) (int64, error) {
	text, err := linux.ReadCgroupFile(cwd, d.Name()+"/"+file, nil)
	if err != nil {
		return 0, ignoreGone(err)
	}
	value := strings.TrimSpace(string(text))
	if value == "max" {
		return -1, nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if n > math.MaxInt64-1<<20 { // v1's "unlimited" is as many pages as fit in a number
		return -1, err
	}
	return n, err
}
