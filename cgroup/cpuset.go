package cgroup

import (
	"fmt"
	"path"
	"slices"

	"github.com/keg-project/keg/cpulist"
	"github.com/keg-project/keg/resources"
)

// inheritCpuset fills in the CPUs and memory nodes of a v1 cpuset from the
// cgroup above: they are empty in a new one, and the kernel lets no process
// into it (ENOSPC) until they are set.
func inheritCpuset(d Dir) error {
	for _, file := range [...]string{"/cpuset.cpus", "/cpuset.mems"} {
		if _, err := cpusetValue(d, file); err != nil {
			return err
		}
	}
	return nil
}

// cpusetValue returns a value, copied down from above where there is none.
func cpusetValue(d Dir, file string) (string, error) {
	name := d.Name() + file
	v, err := readFile(name)
	if err != nil || v != "" || d.Path == "" {
		return v, err
	}
	parent := d
	if parent.Path = path.Dir(d.Path); parent.Path == "/" {
		parent.Path = ""
	}
	v, err = cpusetValue(parent, file)
	if err != nil {
		return "", err
	}
	return v, writeFile(name, v)
}

// cpusetsInEffect refuses what the unified hierarchy accepts and does not do:
// of a list with nothing in it that the cgroup above has, it makes all that
// the one above has. cgroup-v2.rst, cpuset.cpus.effective
func (c *Cgroup) cpusetsInEffect(written []resources.Write) error {
	for _, w := range written {
		if w.Controller != "cpuset" {
			continue
		}
		name, err := c.file(w)
		if err != nil {
			return err
		}
		now, err := readFile(name + ".effective")
		if gone(err) { // v1
			continue
		}
		if err == nil && !within(now, w.Value) {
			return &limitError{w, fmt.Errorf("%s: the cgroup above has none of these", name), "it has " + now}
		}
	}
	return nil
}

// within tells whether the numbers of list are in other, as far as both are
// such lists.
func within(list, other string) bool {
	a, ok := cpulist.Parse(list)
	b, also := cpulist.Parse(other)
	in := slices.Collect(b.Numbers())
	for n := range a.Numbers() {
		if ok && also && !slices.Contains(in, n) {
			return false
		}
	}
	return true
}
