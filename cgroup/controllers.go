package cgroup

import (
	"errors"
	"iter"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/resources"
)

// Controllers lists the controllers that the cgroups can have: those of the v1
// hierarchies, and in the unified one those that the cgroups above hand down or
// keg can have them hand down. What they keep back is in the facts, too.
func Controllers(dirs []Dir) (resources.Facts, error) {
	var f resources.Facts
	for _, d := range dirs {
		if !d.V2() {
			f.V1 = append(f.V1, strings.Split(d.Controllers, ",")...)
		} else if err := available(&f, d); err != nil {
			return f, err
		}
	}
	return f, nil
}

// available goes down from the root to the last cgroup above d that exists.
func available(f *resources.Facts, d Dir) error {
	text, err := linux.ReadCgroupFile(cwd, d.Mount+"/cgroup.controllers", make([]byte, 0, 512))
	f.V2 = strings.Fields(string(text))
	for dir := range above(d) {
		if err == nil {
			text, err = linux.ReadCgroupFile(cwd, dir+"/cgroup.subtree_control", text[:0])
		}
		if err != nil {
			return ignoreGone(err)
		}
		on := strings.Fields(string(text))
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
	procs, _ := linux.ReadCgroupFile(cwd, dir+"/cgroup.procs", nil)
	if len(procs) == 0 || !may(dir+"/cgroup.type", 0) {
		return nil
	}
	return &os.PathError{Op: "cgroup", Path: dir, Err: errInternal}
}

var (
	errNotDelegated = errors.New("it is not delegated to keg's user (hint: systemd-run --user --scope -p Delegate=yes keg ...)")
	errReadOnly     = errors.New("it is mounted read-only (hint: an engine that runs keg in a container has to leave it writable)")
	errInternal     = errors.New("it hands down no controllers, since it has processes (hint: move them to a sub-cgroup, by its cgroup.procs)")
)

// enable gives the cgroup d, which exists or is about to, all controllers that
// those above it have, as the engines expect: what is not limited is counted.
// A controller that cannot be handed down is left out; a limit that needs it
// fails by its file. cgroup-v2.rst, "Enabling and Disabling"
func enable(d Dir) {
	// What the last of them hands down, all do: most often that is all there is.
	if len(disabled(d.Mount, d.Mount+path.Dir(d.Path))) == 0 {
		return
	}
	for dir := range above(d) {
		enableIn(dir)
	}
}

// disabled lists the controllers that the cgroup top has and dir does not hand
// down.
func disabled(top, dir string) (list []string) {
	have, err := linux.ReadCgroupFile(cwd, top+"/cgroup.controllers", make([]byte, 0, 512))
	if err != nil {
		return nil
	}
	on, err := linux.ReadCgroupFile(cwd, dir+"/cgroup.subtree_control", make([]byte, 0, 512))
	if err != nil {
		return nil
	}
	enabled := strings.Fields(string(on))
	for name := range strings.FieldsSeq(string(have)) {
		if !slices.Contains(enabled, name) {
			list = append(list, name)
		}
	}
	return list
}

// enableIn: some controllers, as pids, can be enabled beside processes, and then
// the cgroups below are "domain invalid": none of them takes a process.
func enableIn(dir string) {
	names := disabled(dir, dir)
	if len(names) == 0 || keepsBack(dir) != nil {
		return
	}
	file := dir + "/cgroup.subtree_control"
	err := linux.WriteCgroupFile(cwd, file, []byte("+"+strings.Join(names, " +")))
	if err == nil || len(names) == 1 || !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.EOPNOTSUPP) {
		return // done, or what is wrong is not one of them
	}
	for _, name := range names { // one that cannot must not take the others with it
		linux.WriteCgroupFile(cwd, file, []byte("+"+name))
	}
}
