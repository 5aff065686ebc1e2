package container

import (
	"fmt"
	"os"
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/state"
)

// refuseAnothers refuses to end what is in the cgroups of a container that has
// stopped, where it is not the container's: the cgroups were vacant, or gone,
// and may have been given to another container. With its init ended all
// that was in its pid namespace, so what is in another namespace than keg's
// is not left of it.
func refuseAnothers(dir *state.Dir, s state.State) error {
	if len(s.Cgroups) == 0 {
		return nil
	}
	cg, err := cgroupOf(s)
	if s.Unit != "" && err == nil {
		cg, err = cgroupOfUnit(s)
	}
	if err != nil {
		return err
	}
	pids, err := cg.Procs(true)
	if len(pids) == 0 || err != nil {
		return err
	}
	config, err := recordedSpec(dir)
	if err != nil || !ownPidNamespace(config) {
		return err
	}
	return anothers(s.ID, cg, pids)
}

func anothers(id string, cg *cgroup.Cgroup, pids []int) error {
	own, err := linux.PidNamespace(os.Getpid())
	if err != nil {
		return err
	}
	pids = slices.DeleteFunc(pids, func(pid int) bool {
		ino, err := linux.PidNamespace(pid)
		return err != nil || ino == own
	})
	if len(pids) == 0 {
		return nil
	}
	return fmt.Errorf("container %q has stopped, and its cgroup %s has another container's processes by now, as %d (hint: end that first; they should not have the same linux.cgroupsPath)",
		id, cg.Dirs()[0].Path, pids[0])
}

func ownPidNamespace(s *oci.Spec) bool {
	return s.Linux != nil && slices.ContainsFunc(s.Linux.Namespaces, func(n oci.LinuxNamespace) bool {
		return n.Type == oci.PIDNamespace && n.Path == ""
	})
}

// stopped tells whether there was an init, which has ended.
func stopped(s state.State) bool { return s.Pid > 0 && !state.Alive(s.Pid, s.StartTime) }

// noQuestion is for a container whose init has not ended before: nobody else
// was given its cgroups.
func noQuestion() error { return nil }
