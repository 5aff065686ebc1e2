package hooks

import (
	"syscall"

	"github.com/keg-project/keg/linux"
)

// killSession kills a hook and all that belongs to its session: its group, and
// what a shell with job control has put into others. The hook is not reaped
// yet, so its number is still its own.
func killSession(p Process) {
	linux.PidfdSignal(p.Pidfd, syscall.SIGKILL)
	syscall.Kill(-p.Pid, syscall.SIGKILL)
	for range 10 { // one that forks all the time may be missed once
		if !killMembers(p.Pid) {
			return
		}
	}
}

// killMembers kills the processes of a session, and reports whether there were
// any.
func killMembers(session int) bool {
	pids, err := linux.Processes()
	if err != nil {
		return false
	}
	found := false
	for _, pid := range pids {
		if !inSession(pid, session) {
			continue
		}
		pidfd, err := linux.PidfdOpen(pid)
		if err != nil {
			continue
		}
		if inSession(pid, session) { // asked after the pidfd names the process for good
			found = linux.PidfdSignal(pidfd, syscall.SIGKILL) == nil || found
		}
		syscall.Close(pidfd)
	}
	return found
}

// inSession tells whether the process is of the session, and no zombie.
func inSession(pid, session int) bool {
	p, err := linux.ProcStat(pid)
	return err == nil && !p.Ended() && p.Session == session
}
