package kegtest

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Foreground waits until a command runs in the foreground of some terminal: a key
// that comes before is the shell's. No other test may have the same command.
func (x *Terminal) Foreground(command string) {
	x.t.Helper()
	for end := time.Now().Add(longest); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		lists, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, list := range lists {
			args, _ := os.ReadFile(list)
			if strings.TrimSpace(strings.ReplaceAll(string(args), "\x00", " ")) == command && foreground(filepath.Base(filepath.Dir(list))) {
				return
			}
		}
	}
	x.t.Fatalf("%q is never in the foreground; the terminal shows\n%s", command, x.Output())
}

// foreground tells whether a process, which is not stopped, is of the group that its
// terminal's keys are for: the fields state, pgrp and tpgid of proc_pid_stat(5).
func foreground(pid string) bool {
	fields := strings.Fields(behindName(pid))
	return len(fields) > 5 && fields[0] != "T" && fields[2] == fields[5]
}

// Settled waits until what is in the foreground has waited for something for a while.
func (x *Terminal) Settled() {
	x.t.Helper()
	var group int32
	Control(x.t, int(x.Master.Fd()), syscall.TIOCGPGRP, unsafe.Pointer(&group))
	Asleep(strconv.Itoa(int(group)))
}

// Asleep waits until a process has waited for something for a while, or is gone.
func Asleep(pid string) {
	for last, since := "", 0; since < 20; since++ {
		time.Sleep(10 * time.Millisecond)
		now := behindName(pid)
		if now != last || !strings.HasPrefix(now, "S ") { // its state and the time it has used
			last, since = now, 0
		}
		if now == "" {
			return
		}
	}
}

// behindName is proc_pid_stat(5) from the state on, "" of what is gone. linux.ProcStat has
// neither the terminal's group nor the time.
func behindName(pid string) string {
	stat, _ := os.ReadFile("/proc/" + pid + "/stat")
	return strings.TrimPrefix(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " ")
}
