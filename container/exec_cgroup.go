package container

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/launch"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/state"
)

// findCgroup chooses the cgroup of a process that joins, and returns the
// container's own. Both are nil where the container has none.
func (j *joining) findCgroup(asked []string) (own *cgroup.Cgroup, err error) {
	if len(j.state.Cgroups) == 0 {
		if len(asked) > 0 {
			return nil, fmt.Errorf("--cgroup: container %q has no cgroup", j.id)
		}
		return nil, nil
	}
	if own, err = cgroupOf(j.state); err != nil {
		return nil, err
	}
	if len(asked) == 0 {
		j.cgroup, err = own.Of(j.state.Pid)
		return own, err
	}
	j.cgroup = own
	for _, a := range asked {
		if j.cgroup, err = subCgroup(own, j.cgroup, a); err != nil {
			return nil, fmt.Errorf("--cgroup %s: %w", a, err)
		}
	}
	return own, nil
}

// subCgroup reads "[CONTROLLER[,…]:]PATH" and moves cg, which others asked for
// have led to from own, there.
func subCgroup(own, cg *cgroup.Cgroup, asked string) (*cgroup.Cgroup, error) {
	controllers, path, ok := strings.Cut(asked, ":")
	if !ok {
		controllers, path = "", asked
	}
	for controller := range strings.SplitSeq(controllers, ",") {
		var err error
		if cg, err = own.Sub(cg, controller, path); err != nil {
			return nil, err
		}
	}
	for _, d := range cg.Dirs() {
		var st syscall.Stat_t
		if err := syscall.Lstat(d.Name(), &st); err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name(), err)
		}
	}
	return cg, nil
}

func (j *joining) notFrozen(ignore bool) error {
	if j.cgroup == nil || ignore {
		return nil
	}
	frozen, err := j.cgroup.Frozen()
	if err != nil || !frozen {
		return err
	}
	if own, err := cgroupOf(j.state); err == nil {
		if frozen, _ := own.Frozen(); frozen {
			return state.Paused.Allow(state.Exec, j.id)
		}
	}
	return fmt.Errorf("cannot exec container %q: its sub-cgroup %s is frozen", j.id, j.cgroup.Dirs()[0].Path)
}

// aboutCgroup tells whether the process could not be put in its cgroup.
func aboutCgroup(err error) bool {
	const cgroupsPath = "linux.cgroupsPath"
	var field *launch.FieldError
	var failure *plan.Failure
	return errors.As(err, &field) && field.Field == cgroupsPath || errors.As(err, &failure) && failure.Step.Field == cgroupsPath
}
