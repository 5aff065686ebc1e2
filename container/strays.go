package container

import (
	"slices"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/state"
)

// strays are processes of a container that its init has not started, nor
// inherited: those of `exec`. They are not in its tree, so in no image of it.
func strays(s state.State) ([]int, error) {
	if len(s.Cgroups) == 0 {
		return nil, nil
	}
	cg, err := cgroupOf(s)
	if err != nil {
		return nil, err
	}
	pids, err := cg.Procs(true)
	if err != nil {
		return nil, err
	}
	parents := linux.ParentsOf(pids)
	var list []int
	for pid := range parents {
		if !parents.Below(pid, s.Pid) {
			list = append(list, pid)
		}
	}
	slices.Sort(list)
	return list, nil
}
