package state

import (
	"fmt"
	"strconv"

	"github.com/keg-project/keg/linux"
)

// StartTime is when a process was started, in clock ticks since boot. With
// the pid it names a process for good, where the pid alone may be another's
// by tomorrow.
func StartTime(pid int) (uint64, error) {
	_, start, err := processStat(pid)
	return start, err
}

// Alive tells whether the process of this pid and start time still runs. A
// zombie does not: its container has stopped.
func Alive(pid int, start uint64) bool {
	state, ok := stateOf(pid, start)
	return ok && state != 'Z' && state != 'X'
}

// Exists tells whether a process is still there, be it a zombie: one whose first
// thread has ended before the others is called that as well.
func Exists(pid int, start uint64) bool {
	_, ok := stateOf(pid, start)
	return ok
}

func stateOf(pid int, start uint64) (state byte, ok bool) {
	if pid <= 0 {
		return 0, false
	}
	state, now, err := processStat(pid)
	return state, err == nil && now == start
}

// processStat reads fields 3 and 22 of proc_pid_stat(5).
func processStat(pid int) (state byte, start uint64, err error) {
	fields, err := linux.ProcStat(pid)
	if err != nil {
		return 0, 0, err
	}
	start, err = strconv.ParseUint(string(fields[22-3]), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("/proc/%d/stat: start time: %w", pid, err)
	}
	return fields[0][0], start, nil
}
