package container

import (
	"fmt"
	"os"
	"slices"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/state"
)

// Processes lists the pids of a container's processes as the caller sees them,
// in ascending order: those in its cgroup and the cgroups below that. Where it
// has no cgroup, it is those in its pid namespace and the namespaces below.
// Unless the container is paused, some may have ended by the time of the answer.
// Of a stopped container it is what its init has left, mostly nothing.
func (c *Container) Processes() ([]int, error) {
	s, err := c.readFor(state.Ps)
	if err != nil {
		return nil, err
	}
	if len(s.Cgroups) == 0 {
		if !state.Alive(s.Pid, s.StartTime) { // its pid namespace ended with it
			return nil, nil
		}
		return inPidNamespaceOf(s)
	}
	cg, err := cgroupOf(s)
	if err != nil {
		return nil, err
	}
	pids, err := cg.Procs(true)
	// A process of a pid namespace that is not below the caller's has no number here.
	return slices.DeleteFunc(pids, func(pid int) bool { return pid == 0 }), err
}

func inPidNamespaceOf(s state.State) ([]int, error) {
	ino, err := linux.PidNamespace(s.Pid)
	if err != nil {
		return nil, err
	}
	if own, err := linux.PidNamespace(os.Getpid()); err != nil || own == ino {
		return nil, fmt.Errorf("container %q has neither a cgroup nor a pid namespace of its own, so its processes are not known", s.ID)
	}
	pids, err := linux.Processes()
	return slices.DeleteFunc(pids, func(pid int) bool { return !linux.InPidNamespace(pid, ino) }), err
}
