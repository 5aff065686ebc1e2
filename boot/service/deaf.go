package service

import (
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
	status, err := linux.StatusOf(pid)
	return err == nil && dispositionDefault(status, sig)
}

// dispositionDefault tells that a signal is neither blocked, ignored nor caught.
func dispositionDefault(status linux.ProcStatus, sig syscall.Signal) bool {
	for _, name := range [...]string{"SigBlk", "SigIgn", "SigCgt"} {
		mask, err := status.Bits(name)
		if err != nil || mask&(1<<(uint(sig)-1)) != 0 {
			return false
		}
	}
	return true
}
