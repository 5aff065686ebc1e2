package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

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
			err = linux.WriteCgroupFile(cwd, file, []byte("+"+controller))
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
	text, err := linux.ReadCgroupFile(cwd, file, nil)
	return err == nil && slices.Contains(strings.Fields(string(text)), controller)
}
