package cgroup

import (
	"errors"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/keg-project/keg/linux"
)

// Of returns the cgroups that a process of the container is in now: it may have
// made sub-cgroups and moved into one, as an init system does, and where
// controllers are delegated further down the container's own takes no process
// any more. A process that has left the container's cgroups is not followed.
func (c *Cgroup) Of(pid int) (*Cgroup, error) {
	text, err := linux.ReadCgroupFile(cwd, "/proc/"+strconv.Itoa(pid)+"/cgroup", make([]byte, 0, 2048))
	if err != nil {
		return nil, err
	}
	return c.follow(string(text)), nil
}

// follow reads a process's table. proc_pid_cgroup(5)
func (c *Cgroup) follow(table string) *Cgroup {
	dirs := append([]Dir(nil), c.dirs...)
	for line := range strings.Lines(table) {
		h, ok := parseSelf(line)
		if !ok {
			continue
		}
		for i := range dirs {
			h.Mount = dirs[i].Mount
			if dirs[i].Controllers != h.Controllers || h.Self == dirs[i].Path {
				continue
			}
			if now := h.visibleSelf(); contains(dirs[i].Path, now) {
				dirs[i].Path = now
			}
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
	dirs, found := append([]Dir(nil), chosen.dirs...), false
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
