package cgroup

import (
	"syscall"

	"github.com/keg-project/keg/linux"
)

// walker is a place in a tree of cgroups: one descriptor at any depth, since a
// container may nest its cgroups deeper than keg may have files open, and deeper
// than a path can be long.
type walker struct{ fd int }

func walk(d Dir) (*walker, error) {
	fd, err := linux.OpenCgroup(cwd, d.Name())
	if err != nil {
		return nil, err
	}
	return &walker{fd}, nil
}

func (w *walker) close() {
	if w.fd >= 0 {
		syscall.Close(w.fd)
	}
	w.fd = -1
}

// subs visits each sub-cgroup. One that is gone meanwhile is passed over.
func (w *walker) subs(visit func(name string) error) error {
	names, err := linux.SubCgroups(w.fd)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := visit(name); err != nil {
			return err
		}
	}
	return nil
}

// in goes down into a sub-cgroup, and up again after do. The kernel moves no
// cgroup to another parent, so the way up leads where it came from.
func (w *walker) in(name string, do func() error) error {
	sub, err := linux.OpenCgroup(w.fd, name)
	if err != nil {
		return ignoreGone(err)
	}
	w.close()
	w.fd = sub
	if err := do(); err != nil {
		return err
	}
	up, err := linux.OpenCgroup(w.fd, "..")
	w.close()
	w.fd = up
	return err
}
