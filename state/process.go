package state

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
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
	if pid <= 0 {
		return false
	}
	state, now, err := processStat(pid)
	return err == nil && now == start && state != 'Z' && state != 'X'
}

// processStat reads fields 3 and 22 of proc_pid_stat(5). They are counted from
// the last parenthesis: the name before it is the process's to choose, and
// may have spaces and parentheses of its own.
func processStat(pid int) (state byte, start uint64, err error) {
	name := "/proc/" + strconv.Itoa(pid) + "/stat"
	data, err := os.ReadFile(name)
	if err != nil {
		return 0, 0, err
	}
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 20 {
		return 0, 0, fmt.Errorf("%s: %d fields after the name, expected 20 or more", name, len(fields))
	}
	start, err = strconv.ParseUint(string(fields[19]), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: start time %w", name, err)
	}
	return fields[0][0], start, nil
}
