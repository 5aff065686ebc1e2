package cgroup

import (
	"path"
	"syscall"
)

// base is the cgroup that relative paths are taken from: on v1 the caller's
// own, self. In the unified hierarchy it is the one above that: keg itself is in its
// own, and what has processes hands no controllers down (cgroup-v2.rst, "No
// Internal Process Constraint"), so nothing below it could be limited. Where
// the caller sees none above its own, or may make none there, it is its own.
func (h Hierarchy) base(self string) string {
	if above := path.Dir(self); h.V2() && self != "/" && delegated(h.Mount+above) {
		return above
	}
	return self
}

// delegated tells whether the caller may make cgroups in dir, and move processes
// between those below it. cgroup-v2.rst, "Delegation Containment"
func delegated(dir string) bool {
	const search = 1
	return may(dir, writable|search) && may(dir+"/cgroup.procs", writable)
}

// Delegated tells whether the caller may make cgroups where Path puts a relative
// one, and have them limited: outside of its own, in every hierarchy.
func Delegated(l Layout) bool {
	for _, h := range l.Hierarchies {
		self := h.visibleSelf()
		base := h.base(self)
		if !delegated(h.Mount+base) || h.V2() && keepsBack(h.Mount+base) != nil {
			return false
		}
	}
	return len(l.Hierarchies) > 0
}

const writable = 2

func may(name string, mode uint32) bool { return access(name, mode) == nil }

func access(name string, mode uint32) error {
	const effective = 0x200 // AT_EACCESS
	return syscall.Faccessat(cwd, name, mode, effective)
}
