package cgroup

import (
	"math"
	"strconv"

	"github.com/keg-project/keg/resources"
)

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
	value, err := readFile(d.Name() + "/" + file)
	if err != nil {
		return 0, ignoreGone(err)
	}
	if value == "max" {
		return -1, nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if n > math.MaxInt64-1<<20 { // v1's "unlimited" is as many pages as fit in a number
		return -1, err
	}
	return n, err
}
