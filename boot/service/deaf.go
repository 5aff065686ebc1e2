package service

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// deaf tells that a signal cannot reach a container's init: the first process of
// a pid namespace gets only those that it has a handler for. A grace would be
// waited for in vain. One that ignores the signal has chosen to, and one that
// blocks it may take it later. pid_namespaces(7)
func deaf(pid int, sig syscall.Signal) bool {
	inner, err := linux.InnerPid(pid)
	if err != nil || inner != 1 || sig == syscall.SIGKILL {
		return false
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	return err == nil && dispositionDefault(string(status), sig)
}

// dispositionDefault reads the masks of proc_pid_status(5).
func dispositionDefault(status string, sig syscall.Signal) bool {
	seen := 0
	for line := range strings.Lines(status) {
		key, value, _ := strings.Cut(line, ":")
		if key != "SigBlk" && key != "SigIgn" && key != "SigCgt" {
			continue
		}
		mask, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		if err != nil || mask&(1<<(uint(sig)-1)) != 0 {
			return false
		}
		seen++
	}
	return seen == 3
}
