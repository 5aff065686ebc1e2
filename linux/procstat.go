package linux

import (
	"bytes"
	"os"
	"strconv"
)

// ProcStat are the fields of proc_pid_stat(5) from the third on: ProcStat[0] is
// the process's state. They are counted from the last parenthesis, since the
// name before it is the process's to choose, and may have spaces and
// parentheses of its own.
func ProcStat(pid int) ([][]byte, error) {
	const most = 52 - 2
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil, err
	}
	fields := make([][]byte, most) // as many as the caller looks at, whatever the kernel tells
	copy(fields, bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]))
	return fields, nil
}
