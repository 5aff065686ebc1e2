package hooks

import (
	"os"
	"strconv"
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
	names, err := processes()
	if err != nil {
		return false
	}
	found := false
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || !inSession(pid, session) {
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

func processes() ([]string, error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	return proc.Readdirnames(-1)
}

// inSession tells whether the process is of the session, and no zombie: fields
// 3 and 6 of proc_pid_stat(5).
func inSession(pid, session int) bool {
	fields, err := linux.ProcStat(pid)
	return err == nil && string(fields[0]) != "Z" && string(fields[6-3]) == strconv.Itoa(session)
}
