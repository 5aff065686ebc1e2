package cgroup

import (
	"fmt"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Dir is one cgroup in one hierarchy. A container has one in each; the list is
// what its state keeps.
type Dir struct {
	Controllers string // of its hierarchy; "" is the unified one
	Mount       string // of its hierarchy
	Path        string // below Mount, begins with a slash, is never "/"
}

// V2 tells whether d is in the unified hierarchy.
func (d Dir) V2() bool { return d.Controllers == "" }

// Name is where d is found in the file system.
func (d Dir) Name() string { return d.Mount + d.Path }

// Has tells whether the controller is one of d's hierarchy.
func (d Dir) Has(controller string) bool {
	for c := range strings.SplitSeq(d.Controllers, ",") {
		if c == controller {
			return true
		}
	}
	return false
}

// Path says where a container's cgroups are.
// runtime-spec config-linux.md#cgroups-path: an absolute path is taken from the
// mount point of the hierarchy; a relative one is the runtime's to interpret:
// from base. Without one the cgroup is named after the container, there.
func Path(l Layout, cgroupsPath, id string) ([]Dir, error) {
	name := cgroupsPath
	if name == "" {
		name = id
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	dirs := make([]Dir, 0, len(l.Hierarchies))
	for _, h := range l.Hierarchies {
		self, p := h.visibleSelf(), name
		if name[0] != '/' {
			p = h.base(self) + "/" + name
		}
		p = path.Clean(p)
		if contains(p, self) || contains(p, h.Self) {
			return nil, &os.PathError{Op: "cgroup", Path: h.Mount + p, Err: errOwn}
		}
		dirs = append(dirs, Dir{h.Controllers, h.Mount, p})
	}
	return dirs, nil
}

// Callers are the cgroups that the caller is in, in each hierarchy.
func Callers(l Layout) []Dir {
	dirs := make([]Dir, 0, len(l.Hierarchies))
	for _, h := range l.Hierarchies {
		dirs = append(dirs, Dir{h.Controllers, h.Mount, h.visibleSelf()})
	}
	return dirs
}

// checkName refuses what leads out of the place a name is taken from. The
// kernel itself refuses a newline, which would forge /proc/PID/cgroup.
func checkName(name string) error {
	if name == "" || strings.ContainsAny(name, "\x00\n") {
		return fmt.Errorf("cgroup path %q: empty, or with a NUL or newline", name)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return fmt.Errorf("cgroup path %q: \"..\" is not allowed", name)
		}
	}
	return nil
}

// contains tells whether the cgroup p is q or one that q lies in.
func contains(p, q string) bool {
	return p == "/" || p == q || strings.HasPrefix(q, p) && q[len(p)] == '/'
}

// visibleSelf is the caller's own cgroup as seen through the mount. They
// differ where only a part of the hierarchy is mounted, as in a container
// without a cgroup namespace, or where the cgroup lies outside of the
// caller's namespace ("/.."). Only then is the mount table read.
func (h Hierarchy) visibleSelf() string {
	if h.Self == "/" || isVisible(h, h.Self) {
		return h.Self
	}
	mounts, err := linux.Mounts()
	if err != nil {
		return "/"
	}
	self, ok := strings.CutPrefix(h.Self, rootOfMount(mounts, h.Mount))
	if ok && self != "" && isVisible(h, self) {
		return self
	}
	return "/"
}

func isVisible(h Hierarchy, self string) bool {
	var st syscall.Stat_t
	return !strings.HasPrefix(self, "/..") && syscall.Lstat(h.Mount+self, &st) == nil
}

// rootOfMount finds which directory of its file system a mount shows.
func rootOfMount(mounts []linux.Mount, mount string) string {
	root := ""
	for _, m := range mounts {
		if m.Point == mount {
			root = m.Root
		}
	}
	return strings.TrimSuffix(root, "/")
}

// ownCgroup refuses a cgroup that the caller is in.
func ownCgroup(dirs []Dir) error {
	m, err := callersMembership()
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if h, ok := m.in(d); ok && (contains(d.Path, h.Self) || contains(d.Path, h.visibleSelf())) {
			return &os.PathError{Op: "cgroup", Path: d.Name(), Err: errOwn}
		}
	}
	return nil
}
