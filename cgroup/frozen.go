package cgroup

import (
	"path"
	"strings"
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
		file, want = "/cgroup.events", "frozen 1"
	case d.Has("freezer"):
		file, want = "/freezer.state", "F"
	default:
		return false, nil
	}
	state, err := readFile(d.Name() + file)
	return strings.Contains(state, want), ignoreGone(err)
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

// frozenAbove names the cgroup above d that keeps it frozen; "" for none.
func frozenAbove(d Dir) string {
	frozen, err := isFrozen(d)
	if !frozen || err != nil {
		return ""
	}
	if top := frozenRoot(d); top != d {
		return top.Name()
	}
	return ""
}
