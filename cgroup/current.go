package cgroup

import (
	"errors"
	"os"
	"path"
	"slices"
	"strconv"
)

// Of returns the cgroups that a process of the container is in now: it may have
// made sub-cgroups and moved into one, as an init system does, and where
// controllers are delegated further down the container's own takes no process
// any more. A process that has left the container's cgroups is not followed.
func (c *Cgroup) Of(pid int) (*Cgroup, error) {
	m, err := membershipOf(pid)
	if err != nil {
		return nil, err
	}
	return c.follow(m), nil
}

func (c *Cgroup) follow(m membership) *Cgroup {
	dirs := slices.Clone(c.dirs)
	for i, d := range dirs {
		if now := m.pathIn(d); now != "" && contains(d.Path, now) {
			dirs[i].Path = now
		}
	}
	return &Cgroup{dirs}
}

// Sub returns chosen with the sub-cgroup name of the container's cgroups in all
// hierarchies, or in that of one controller. A hierarchy is chosen in once.
func (c *Cgroup) Sub(chosen *Cgroup, controller, name string) (*Cgroup, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	dirs, found := slices.Clone(chosen.dirs), false
	for i, own := range c.dirs {
		if controller != "" && !own.Has(controller) {
			continue
		}
		p := path.Join(own.Path, name)
		if dirs[i].Path != own.Path && dirs[i].Path != p {
			return nil, &os.PathError{Op: "cgroup", Path: own.Mount + p, Err: errors.New("the process is to be in " + dirs[i].Path + " already")}
		}
		dirs[i].Path, found = p, true
	}
	if !found {
		return nil, &unknownController{controller}
	}
	return &Cgroup{dirs}, nil
}

type unknownController struct{ name string }

func (e *unknownController) Error() string {
	return "no cgroup hierarchy has the controller " + strconv.Quote(e.name)
}
