package cgroup

import (
	"path"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Frozen tells whether the container's processes are stopped by its cgroup or
// by one above it.
func (c *Cgroup) Frozen() (bool, error) {
	for _, d := range c.dirs {
		if frozen, err := isFrozen(d); frozen || err != nil {
			return frozen, err
		}
	}
	return false, nil
}

// isFrozen reads the effective state, which a cgroup takes over from those
// above it; FREEZING (v1) counts. Hierarchies without a freezer are never
// frozen, nor is a cgroup that does not exist.
func isFrozen(d Dir) (bool, error) {
	file, want := "", ""
	switch {
	case d.V2():
		file, want = "/cgroup.events", "frozen 1\n"
	case d.Has("freezer"):
		file, want = "/freezer.state", "F"
	default:
		return false, nil
	}
	state, err := linux.ReadCgroupFile(cwd, d.Name()+file, nil)
	return strings.Contains(string(state), want), ignoreGone(err)
}

// frozenRoot finds the topmost cgroup that is frozen: the one to thaw.
func frozenRoot(d Dir) Dir {
	for parent := d; ; d = parent {
		parent.Path = path.Dir(d.Path)
		if parent.Path == "/" {
			return d
		}
		if frozen, _ := isFrozen(parent); !frozen {
			return d
		}
	}
}

// setFrozen freezes or thaws the cgroup fd, of d's hierarchy. Where that has
// no freezer there is nothing to do.
func setFrozen(fd int, d Dir, frozen bool) error {
	file, values := "", [2]string{}
	switch {
	case d.V2():
		file, values = "cgroup.freeze", [2]string{"0", "1"}
	case d.Has("freezer"):
		file, values = "freezer.state", [2]string{"THAWED", "FROZEN"}
	default:
		return nil
	}
	value := values[0]
	if frozen {
		value = values[1]
	}
	return linux.WriteCgroupFile(fd, file, []byte(value))
}

// freezeV1 stops what is in the v1 cgroups. It does not wait until all of it
// has stopped: no new process escapes from a cgroup that is freezing.
func (c *Cgroup) freezeV1() error {
	for _, d := range c.dirs {
		if !d.Has("freezer") {
			continue
		}
		fd, err := linux.OpenCgroup(cwd, d.Name())
		if err == nil {
			err = setFrozen(fd, d, true)
			syscall.Close(fd)
		}
		if ignoreGone(err) != nil {
			return err
		}
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
			linux.WriteCgroupFile(cwd, d.Mount+"/cgroup.procs", strconv.AppendInt(nil, int64(pid), 10))
		}
	}
}
