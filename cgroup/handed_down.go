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
// it down is asked to once more, for what the kernel says to that.
// cgroup-v2.rst, "Controlling Controllers"
func missing(d Dir, controller string) (err error, hint string) {
	if controller == "" || listed(d.Name()+"/cgroup.controllers", controller) {
		return nil, ""
	}
	for dir := range above(d) {
		if !listed(dir+"/cgroup.controllers", controller) {
			return &os.PathError{Op: "cgroup", Path: dir, Err: fmt.Errorf("it does not have the controller %s", controller)}, ""
		}
		file := dir + "/cgroup.subtree_control"
		if listed(file, controller) {
			continue
		}
		err := linux.WriteCgroupFile(cwd, file, []byte("+"+controller))
		if err == nil {
			err = errors.New("another has just disabled it: try again")
		}
		return fmt.Errorf("the controller %s is not handed down: %w", controller, err), handDownHint(dir, controller, err)
	}
	return nil, ""
}

func handDownHint(dir, controller string, err error) string {
	name := path.Base(dir)
	switch {
	case errors.Is(err, syscall.EBUSY):
		return "on v2, a cgroup that has processes hands nothing down: move those of " + name + " to one below it, or name another cgroupsPath"
	case errors.Is(err, syscall.EINVAL) && controller == "cpu":
		return "with CONFIG_RT_GROUP_SCHED, no process outside of the root cgroup may have a realtime scheduler: ps -eo cls,pid,args"
	case errors.Is(err, syscall.EOPNOTSUPP):
		return name + " is threaded or has threaded cgroups below, and " + controller + " is not for threads"
	case errors.Is(err, os.ErrPermission):
		return "it is not delegated to the user: with systemd, Delegate= of the unit names the controllers that are"
	}
	return ""
}

func listed(file, controller string) bool {
	text, err := linux.ReadCgroupFile(cwd, file, nil)
	return err == nil && slices.Contains(strings.Fields(string(text)), controller)
}
