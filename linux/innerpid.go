package linux

import (
	"fmt"
	"strconv"
	"strings"
)

// InnerPid is a process's number in its own pid namespace: the last of NSpid
// in proc_pid_status(5).
func InnerPid(pid int) (int, error) {
	status, err := StatusOf(pid)
	if err != nil {
		return 0, err
	}
	list := status.Field("NSpid")
	if list == "" {
		return 0, fmt.Errorf("/proc/%d/status: no NSpid", pid)
	}
	return strconv.Atoi(list[strings.LastIndexByte(list, '\t')+1:])
}
