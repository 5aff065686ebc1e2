package linux

import (
	"os"
	"slices"
	"strconv"
)

// Processes are those that the caller sees, in ascending order.
func Processes() ([]int, error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids, nil
}

// Parents has the parent of each process that is known.
type Parents map[int]int

// ParentsOf asks for them. Who has ended meanwhile is not known.
func ParentsOf(pids []int) Parents {
	parents := Parents{}
	for _, pid := range pids {
		if p, err := ProcStat(pid); err == nil {
			parents[pid] = p.Parent
		}
	}
	return parents
}

// Below tells whether a process is another, or descends from it.
func (parents Parents) Below(pid, from int) bool {
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
