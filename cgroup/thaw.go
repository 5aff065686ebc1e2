package cgroup

import (
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Thaw sets the processes in the cgroups going again; both versions do so at
// once. What was frozen in a sub-cgroup by itself, as by a container that pauses
// containers of its own, stays so.
func (c *Cgroup) Thaw() error {
	for _, d := range c.dirs {
		if !d.V2() && !d.Has("freezer") {
			continue
		}
		if err := thawOne(d); err != nil {
			return err
		}
	}
	return nil
}

func thawOne(d Dir) error {
	fd, err := linux.OpenCgroup(cwd, d.Name())
	if err != nil {
		return ignoreGone(err)
	}
	defer syscall.Close(fd)
	if err := setFrozen(fd, d, false); err != nil {
		return ignoreGone(err)
	}
	if above := frozenAbove(d); above != "" {
		return &os.PathError{Op: "thaw", Path: d.Name(), Err: fmt.Errorf("%w by a cgroup above it, %s: thaw that", ErrFrozen, above)}
	}
	return nil
}

// ThawV1 sets going what a v1 freezer holds, so that a killed process dies, and
// in sub-cgroups, too: the init of a pid namespace ends after all that is in it.
// On v2 what is killed dies frozen as it is, and the others stay so.
func (c *Cgroup) ThawV1() error {
	for _, d := range c.dirs {
		if !d.V2() {
			if err := thaw([]Dir{d}); err != nil {
				return err
			}
		}
	}
	return nil
}

// thaw sets everything in the cgroups going, sub-cgroups that were frozen by
// themselves included.
func thaw(dirs []Dir) error {
	for _, d := range dirs {
		if !d.V2() && !d.Has("freezer") {
			continue
		}
		w, err := walk(d)
		if err == nil {
			err = w.thaw(d)
			w.close()
		}
		if ignoreGone(err) != nil {
			return err
		}
	}
	return nil
}

func (w *walker) thaw(d Dir) error {
	if err := setFrozen(w.fd, d, false); ignoreGone(err) != nil {
		return err
	}
	return w.subs(func(name string) error {
		return w.in(name, func() error { return w.thaw(d) })
	})
}

// LeaveFreezer takes a process out of a v1 freezer, where what was killed stays
// as long as the cgroup is frozen, without setting the others going. On v2 it
// dies frozen as it is.
func (c *Cgroup) LeaveFreezer(pid int) {
	for _, d := range c.dirs {
		if d.Has("freezer") {
			writeFile(d.Mount+"/cgroup.procs", strconv.Itoa(pid))
		}
	}
}
