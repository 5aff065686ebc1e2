package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/keg-project/keg/resources"
)

// enable gives the unified cgroup d, which exists or is about to, all controllers
// that those above it have, as the engines expect: what is not limited is counted.
// A controller that cannot be handed down is left out; a limit that needs it
// fails by its file. cgroup-v2.rst, "Enabling and Disabling"
func enable(d Dir) { enableSome(d, func(string) bool { return true }) }

func enableSome(d Dir, wanted func(controller string) bool) {
	// What the last of them hands down, all do: most often that is all there is.
	if len(disabled(d.Mount, d.Mount+path.Dir(d.Path), wanted)) == 0 {
		return
	}
	for dir := range above(d) {
		enableIn(dir, wanted)
	}
}

// enableFor has a hybrid's unified hierarchy hand down what limits need. Nothing
// else, and not before: a cgroup that hands down takes no process itself any more,
// and who knows the v1 hierarchies beside it expects that it does. EBUSY
func (c *Cgroup) enableFor(limits []resources.Write) {
	if unifiedAlone(c.dirs) {
		return
	}
	wanted := func(controller string) bool {
		return slices.ContainsFunc(limits, func(w resources.Write) bool { return w.Controller == controller })
	}
	for _, d := range c.dirs {
		if d.V2() {
			enableSome(d, wanted)
		}
	}
}

// disabled lists the controllers that the cgroup top has and dir does not hand
// down, of those that are wanted.
func disabled(top, dir string, wanted func(controller string) bool) []string {
	have, err := readWords(top + "/cgroup.controllers")
	if err != nil {
		return nil
	}
	enabled, err := readWords(dir + "/cgroup.subtree_control")
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(have, func(name string) bool { return !wanted(name) || slices.Contains(enabled, name) })
}

// enableIn: some controllers, as pids, can be enabled beside processes, and then
// the cgroups below are "domain invalid": none of them takes a process.
func enableIn(dir string, wanted func(controller string) bool) {
	names := disabled(dir, dir, wanted)
	if len(names) == 0 || keepsBack(dir) != nil {
		return
	}
	file := dir + "/cgroup.subtree_control"
	err := writeFile(file, "+"+strings.Join(names, " +"))
	if err == nil || len(names) == 1 || !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.EOPNOTSUPP) {
		return // done, or what is wrong is not one of them
	}
	for _, name := range names { // one that cannot must not take the others with it
		writeFile(file, "+"+name)
	}
}

// missing says why d, in the unified hierarchy, does not have a controller; nil
// if it has. The first cgroup from the root on that has it and does not hand
// it down is asked to once more, for what the kernel says to that; but not one
// with processes: it would take cpu, and what is below it no processes then.
// cgroup-v2.rst, "Controlling Controllers"
func missing(d Dir, controller string) (hint string, err error) {
	if controller == "" || listed(d.Name()+"/cgroup.controllers", controller) {
		return "", nil
	}
	for dir := range above(d) {
		if !listed(dir+"/cgroup.controllers", controller) {
			return "", &os.PathError{Op: "cgroup", Path: dir, Err: fmt.Errorf("it does not have the controller %s", controller)}
		}
		file := dir + "/cgroup.subtree_control"
		if listed(file, controller) {
			continue
		}
		err := keepsBack(dir)
		if err == nil {
			err = writeFile(file, "+"+controller)
		}
		if err == nil {
			err = &os.PathError{Op: "write", Path: file, Err: errors.New("another has just disabled it: try again")}
		}
		return handDownHint(dir, controller, err), fmt.Errorf("the controller %s is not handed down: %w", controller, err)
	}
	return "", nil
}

func handDownHint(dir, controller string, err error) string {
	switch {
	case errors.Is(err, syscall.EINVAL) && controller == "cpu":
		return "with CONFIG_RT_GROUP_SCHED, no process outside of the root cgroup may have a realtime scheduler: ps -eo cls,pid,args"
	case errors.Is(err, syscall.EOPNOTSUPP):
		return path.Base(dir) + " is threaded or has threaded cgroups below, and " + controller + " is not for threads"
	}
	return ""
}

func listed(file, controller string) bool {
	words, err := readWords(file)
	return err == nil && slices.Contains(words, controller)
}
