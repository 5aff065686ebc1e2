package cgroup

import (
	"bytes"
	"path"

	"github.com/keg-project/keg/linux"
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
func cpusetValue(d Dir, file string) ([]byte, error) {
	name := d.Mount + d.Path + file
	v, err := linux.ReadCgroupFile(cwd, name, nil)
	if err != nil || len(bytes.TrimSpace(v)) > 0 || d.Path == "" {
		return v, err
	}
	parent := d
	if parent.Path = path.Dir(d.Path); parent.Path == "/" {
		parent.Path = ""
	}
	v, err = cpusetValue(parent, file)
	if err != nil {
		return nil, err
	}
	return v, linux.WriteCgroupFile(cwd, name, v)
}
