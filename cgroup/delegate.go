package cgroup

import (
	"errors"
	"os"
	"syscall"
)

// Delegate gives the unified cgroup to a user, so far that sub-cgroups can be
// made and used, but no limit of its own changed. With a name it is a
// sub-cgroup of that name, which is made and returned.
// runtime-spec config-linux.md#cgroup-ownership
func (c *Cgroup) Delegate(name string, uid int) (*Cgroup, error) {
	if name != "" {
		sub, err := c.Sub(c, "", name)
		if err != nil {
			return nil, err
		}
		if sub, err = Create(sub.dirs); err != nil {
			return nil, err
		}
		c = sub
	}
	for _, d := range c.dirs {
		if err := d.giveTo(uid); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (d Dir) giveTo(uid int) error {
	if err := os.Lchown(d.Name(), uid, -1); err != nil {
		return err
	}
	for _, file := range delegatable() {
		err := os.Lchown(d.Name()+"/"+file, uid, -1)
		if err != nil && !errors.Is(err, syscall.ENOENT) { // of a controller that is not here
			return err
		}
	}
	return nil
}

// delegatable are the files that whoever a cgroup is delegated to may write.
// cgroup-v2.rst, "Model of Delegation"
func delegatable() []string {
	files, err := readWords("/sys/kernel/cgroup/delegate")
	if err != nil {
		return []string{"cgroup.procs", "cgroup.threads", "cgroup.subtree_control"}
	}
	return files
}
