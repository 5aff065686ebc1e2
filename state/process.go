package state

import "github.com/keg-project/keg/linux"

// StartTime is when a process was started, in clock ticks since boot. With
// the pid it names a process for good, where the pid alone may be another's
// by tomorrow.
func StartTime(pid int) (uint64, error) {
	p, err := linux.ProcStat(pid)
	return p.Start, err
}

// Alive tells whether the process of this pid and start time still runs. A
// zombie does not: its container has stopped.
func Alive(pid int, start uint64) bool {
	p, ok := recorded(pid, start)
	return ok && !p.Ended()
}

// Exists tells whether a process is still there, be it a zombie: one whose first
// thread has ended before the others is called that as well.
func Exists(pid int, start uint64) bool {
	_, ok := recorded(pid, start)
	return ok
}

func recorded(pid int, start uint64) (p linux.Process, ok bool) {
	if pid <= 0 {
		return p, false
	}
	p, err := linux.ProcStat(pid)
	return p, err == nil && p.Start == start
}
