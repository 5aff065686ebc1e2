package cgroup

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/keg-project/keg/linux"
)

const mountRoot = "/sys/fs/cgroup"

// Mode is how the machine has its cgroups mounted.
type Mode int

const (
	None   Mode = iota // no cgroup file system in /sys/fs/cgroup
	V1                 // one hierarchy per controller or group of controllers
	Hybrid             // V1, and beside it the unified hierarchy, for tracking processes
	V2                 // the unified hierarchy alone
)

func (m Mode) String() string {
	return [...]string{"none", "v1", "hybrid", "v2"}[m]
}

// Hierarchy is one tree of cgroups.
type Hierarchy struct {
	Controllers string // as in /proc/self/cgroup: "cpu,cpuacct", "name=systemd"; "" is the unified one
	Mount       string // where it is mounted: "/sys/fs/cgroup/cpu,cpuacct"
	Self        string // the caller's own cgroup in it, as /proc/self/cgroup shows it
}

// Layout is what Detect finds.
type Layout struct {
	Mode        Mode
	Hierarchies []Hierarchy
}

// Detect finds the mounted hierarchies. The mount table is not read for it:
// on a busy machine it has thousands of lines, and each container would pay.
// The kernel's list in /proc/self/cgroup has the names, /sys/fs/cgroup is
// where every distribution mounts them, and statfs tells what is there.
func Detect() (Layout, error) {
	self, err := callersMembership()
	if err != nil {
		return Layout{}, err
	}
	version, err := linux.CgroupVersion(mountRoot)
	if errors.Is(err, fs.ErrNotExist) {
		return Layout{}, nil
	}
	if err != nil {
		return Layout{}, err
	}
	return detect(self, version), nil
}

func detect(self membership, version int) Layout {
	var hs []Hierarchy
	for _, h := range self {
		found := h.V2()
		if h.Mount = mountRoot; version != 2 {
			h.Mount, found = findMount(h)
		}
		if found {
			hs = append(hs, h)
		}
	}
	return Layout{modeOf(hs), hs}
}

// findMount looks where a hierarchy is mounted by custom: in a directory named
// after its controllers, or reached by a symlink named after one of them. A
// hierarchy that is mounted nowhere is not in the layout.
func findMount(h Hierarchy) (string, bool) {
	name, want := strings.TrimPrefix(h.Controllers, "name="), 1
	if h.V2() {
		name, want = "unified", 2
	}
	first, _, several := strings.Cut(name, ",")
	for {
		mount := mountRoot + "/" + name
		if v, err := linux.CgroupVersion(mount); err == nil && v == want {
			return mount, true
		}
		if !several {
			return "", false
		}
		name, several = first, false
	}
}

func modeOf(hs []Hierarchy) Mode {
	var v1, v2 bool
	for _, h := range hs {
		if h.V2() {
			v2 = true
		} else {
			v1 = true
		}
	}
	switch {
	case v1 && v2:
		return Hybrid
	case v1:
		return V1
	case v2:
		return V2
	}
	return None
}

// V2 tells whether h is the unified hierarchy.
func (h Hierarchy) V2() bool { return h.Controllers == "" }
