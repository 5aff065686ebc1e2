package cgroup

import (
	"errors"
	"os"

	"github.com/keg-project/keg/linux"
)

// Errors that callers tell apart with errors.Is.
var (
	ErrNotEmpty     = errors.New("cgroup is not empty")
	ErrFrozen       = errors.New("cgroup is frozen")
	ErrNoPermission = errors.New("no permission to make a cgroup")

	errOwn = errors.New("it is the caller's own cgroup, one above it, or the root")
)

// Cgroup is a container's place in every hierarchy.
type Cgroup struct {
	dirs []Dir
}

// Load takes up the cgroups that Create made, in this process or another. They
// need not exist any more, or not all.
func Load(dirs []Dir) (*Cgroup, error) {
	for _, d := range dirs {
		if d.Mount == "" || len(d.Path) < 2 || d.Path[0] != '/' || checkName(d.Path) != nil {
			return nil, &os.PathError{Op: "cgroup", Path: d.Name(), Err: errors.New("not a cgroup that keg made")}
		}
	}
	return &Cgroup{dirs}, nil
}

// Dirs is what Load needs.
func (c *Cgroup) Dirs() []Dir { return c.dirs }

// FD opens the cgroup in the unified hierarchy for CLONE_INTO_CGROUP; -1 where
// there is none. The caller closes it.
func (c *Cgroup) FD() (int, error) {
	for _, d := range c.dirs {
		if d.V2() {
			return linux.OpenCgroupPath(d.Name())
		}
	}
	return -1, nil
}
