package linux

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// InnerPid is a process's number in its own pid namespace: the last of NSpid
// in proc_pid_status(5).
func InnerPid(pid int) (int, error) {
	name := "/proc/" + strconv.Itoa(pid) + "/status"
	status, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("NSpid:")); ok {
			fields := bytes.Fields(rest)
			return strconv.Atoi(string(fields[len(fields)-1]))
		}
	}
	return 0, fmt.Errorf("%s: no NSpid", name)
}
