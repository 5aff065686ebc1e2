package container

import (
	"slices"
	"strconv"

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
	parents := parentsOf(pids)
	var list []int
	for pid := range parents {
		if !descends(parents, pid, s.Pid) {
			list = append(list, pid)
		}
	}
	slices.Sort(list)
	return list, nil
}

// parentsOf tells each process's parent.
func parentsOf(pids []int) map[int]int {
	parents := map[int]int{}
	for _, pid := range pids {
		if fields, err := linux.ProcStat(pid); err == nil { // else it has ended
			parents[pid], _ = strconv.Atoi(string(fields[4-3]))
		}
	}
	return parents
}

func descends(parents map[int]int, pid, from int) bool {
	for range len(parents) + 1 { // a pid that was used again could make a circle
		if pid == from {
			return true
		}
		parent, known := parents[pid]
		if !known {
			return false
		}
		pid = parent
	}
	return false
}
