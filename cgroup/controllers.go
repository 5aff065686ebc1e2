package cgroup

import (
	"errors"
	"iter"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/keg-project/keg/resources"
)

// Controllers lists the controllers that the cgroups can have: those of the v1
// hierarchies, and in the unified one those that the cgroups above hand down or
// keg can have them hand down. What they keep back is in the facts, too.
func Controllers(dirs []Dir) (resources.Facts, error) { return facts(dirs, available) }

// Facts tell what can be limited in cgroups that exist: in the unified hierarchy
// what the cgroup itself has or, in a hybrid, can be given (enableFor).
func (c *Cgroup) Facts() (resources.Facts, error) {
	if !unifiedAlone(c.dirs) {
		return Controllers(c.dirs)
	}
	return facts(c.dirs, func(f *resources.Facts, d Dir) (err error) {
		f.V2, err = readWords(d.Name() + "/cgroup.controllers")
		return err
	})
}

func facts(dirs []Dir, inUnified func(*resources.Facts, Dir) error) (resources.Facts, error) {
	f := resources.Facts{Unified: unifiedAlone(dirs)}
	for _, d := range dirs {
		if !d.V2() {
			f.V1 = append(f.V1, strings.Split(d.Controllers, ",")...)
		} else if err := inUnified(&f, d); err != nil {
			return f, err
		}
	}
	return f, nil
}

func unifiedAlone(dirs []Dir) bool { return len(dirs) == 1 && dirs[0].V2() }

// available goes down from the root to the last cgroup above d that exists.
func available(f *resources.Facts, d Dir) error {
	var err error
	if f.V2, err = readWords(d.Mount + "/cgroup.controllers"); err != nil {
		return ignoreGone(err)
	}
	for dir := range above(d) {
		on, err := readWords(dir + "/cgroup.subtree_control")
		if err != nil {
			return ignoreGone(err)
		}
		off := func(name string) bool { return !slices.Contains(on, name) }
		if slices.ContainsFunc(f.V2, off) {
			keep(f, off, keepsBack(dir))
		}
	}
	return nil
}

// keep takes controllers away from those that the cgroup can have, for a reason.
func keep(f *resources.Facts, off func(name string) bool, why error) {
	if why == nil {
		return
	}
	if f.Kept == nil {
		f.Kept = make(map[string]error)
	}
	f.V2 = slices.DeleteFunc(f.V2, func(name string) bool {
		if off(name) {
			f.Kept[name] = why
		}
		return off(name)
	})
}

// above are the cgroups that d lies in, from the root of the mount down.
func above(d Dir) iter.Seq[string] {
	return func(yield func(string) bool) {
		parent := path.Dir(d.Path)
		for i := range len(parent) {
			if parent[i] == '/' && !yield(d.Mount+parent[:i]) {
				return
			}
		}
		if parent != "/" {
			yield(d.Mount + parent)
		}
	}
}

// keepsBack says why dir cannot be made to hand down controllers; nil: it can.
// cgroup-v2.rst, "No Internal Process Constraint", of which the root is exempt:
// it alone has no cgroup.type.
func keepsBack(dir string) error {
	switch file := dir + "/cgroup.subtree_control"; access(file, writable) {
	case nil:
	case syscall.EROFS:
		return &os.PathError{Op: "cgroup", Path: dir, Err: errReadOnly}
	default:
		return &os.PathError{Op: "cgroup", Path: dir, Err: errNotDelegated}
	}
	procs, _ := readFile(dir + "/cgroup.procs")
	if procs == "" || !may(dir+"/cgroup.type", 0) {
		return nil
	}
	return &os.PathError{Op: "cgroup", Path: dir, Err: errInternal}
}

var (
	errNotDelegated = errors.New("it is not delegated to keg's user (hint: systemd-run --user --scope -p Delegate=yes keg ...)")
	errReadOnly     = errors.New("it is mounted read-only (hint: an engine that runs keg in a container has to leave it writable)")
	errInternal     = errors.New("it hands down no controllers, since it has processes (hint: move them to a sub-cgroup, by its cgroup.procs)")
)
