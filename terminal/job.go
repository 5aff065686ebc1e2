package terminal

import (
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// CanSuspend reports whether a person may press the key that suspends keg.
func CanSuspend() bool { return linux.IsTerminal(2) && canBeContinued() }

// canBeContinued reports whether somebody does job control over keg: a process
// outside its process group that is in its session and above it. Otherwise
// nobody would ever continue it. POSIX: "orphaned process group"
func canBeContinued() bool {
	group, session := syscall.Getpgrp(), sessionOf(0)
	for pid := os.Getppid(); pid > 1; pid = parentOf(pid) {
		if g, err := syscall.Getpgid(pid); err != nil || g != group {
			return err == nil && sessionOf(pid) == session
		}
	}
	return false
}

func sessionOf(pid int) int {
	sid, _, _ := syscall.RawSyscall(syscall.SYS_GETSID, uintptr(pid), 0, 0)
	return int(sid)
}

// parentOf is 0 if there is no such process.
func parentOf(pid int) int {
	p, _ := linux.ProcStat(pid)
	return p.Parent
}

// defaultStop reports whether a process neither ignores nor catches SIGTSTP.
func defaultStop(pid int) bool {
	status, err := linux.StatusOf(pid)
	if err != nil {
		return false
	}
	ignored, _ := status.Bits("SigIgn") // sets: the kernel writes them
	caught, _ := status.Bits("SigCgt")
	return (ignored|caught)&(1<<(syscall.SIGTSTP-1)) == 0
}
