package pid1

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

const kernelThread = 0x00200000 // PF_KTHREAD in include/linux/sched.h

// everybody lists the processes that this one sees.
func everybody() ([]linux.Process, error) {
	pids, err := linux.Processes()
	if err != nil {
		return nil, err
	}
	var list []linux.Process
	for _, pid := range pids {
		if p, err := linux.ProcStat(pid); err == nil { // else it has ended meanwhile
			list = append(list, p)
		}
	}
	return list, nil
}

// ours are the processes that the one called me has to end: all but itself if it
// is the first one, else its descendants. What has ended is no more to be ended,
// and the kernel's threads do not end.
func ours(list []linux.Process, me int) []int {
	parents := linux.Parents{}
	for _, p := range list {
		parents[p.Pid] = p.Parent
	}
	var pids []int
	for _, p := range list {
		if p.Pid != me && !p.Ended() && p.Flags&kernelThread == 0 && (me == 1 || parents.Below(p.Pid, me)) {
			pids = append(pids, p.Pid)
		}
	}
	return pids
}

// left are the processes that are still there. An error means that nobody
// knows: there is no /proc, or that of another pid namespace.
func left() ([]int, error) {
	me, err := os.Readlink("/proc/self")
	if err != nil {
		return nil, err
	}
	if me != strconv.Itoa(os.Getpid()) {
		return nil, errors.New("/proc is another pid namespace's")
	}
	list, err := everybody()
	return ours(list, os.Getpid()), err
}

// endProcesses ends what is left, politely at first, and waits no longer than
// it has to.
func (p *process) endProcesses(grace time.Duration) {
	signalAll(syscall.SIGTERM)
	signalAll(syscall.SIGCONT) // what is stopped cannot end
	if p.allGone(grace, 0) {
		return
	}
	if pids, err := left(); err == nil {
		p.say("killed after %v: %s", grace, names(pids))
	}
	const last = 5 * time.Second
	if !p.allGone(last, syscall.SIGKILL) {
		p.say("processes that do not end: the kernel keeps them")
	}
}

// allGone waits until no process is left, and sends those that are a signal
// again and again, for what they start meanwhile.
func (p *process) allGone(limit time.Duration, again syscall.Signal) bool {
	pause := 5 * time.Millisecond
	for end := time.Now().Add(limit); ; {
		if again != 0 {
			signalAll(again)
		}
		if nobodyLeft() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
		time.Sleep(pause)
		pause = min(2*pause, 100*time.Millisecond)
	}
}

func nobodyLeft() bool {
	if pids, err := left(); err == nil {
		return len(pids) == 0
	}
	some, _, err := linux.Children()
	return err == nil && !some
}

// signalAll signals all that a first process may, or every descendant.
func signalAll(s syscall.Signal) {
	if os.Getpid() == 1 {
		_ = syscall.Kill(-1, s) // ESRCH: there is none
		return
	}
	pids, err := left()
	if err != nil {
		return
	}
	for _, pid := range pids {
		signalOne(pid, s)
	}
}

// signalOne signals a descendant, and no other process that has its pid by now.
func signalOne(pid int, s syscall.Signal) {
	pidfd, err := linux.PidfdOpen(pid)
	if err != nil {
		return
	}
	defer syscall.Close(pidfd)
	list, err := everybody()
	if err != nil {
		return
	}
	for _, p := range ours(list, os.Getpid()) {
		if p == pid {
			_ = linux.PidfdSignal(pidfd, s) // ESRCH: it has ended
		}
	}
}

// names are what a person knows processes by.
func names(pids []int) string {
	var list []string
	for _, pid := range pids {
		comm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
		if err == nil {
			list = append(list, strconv.Itoa(pid)+" "+strconv.Quote(strings.TrimSpace(string(comm))))
		}
	}
	return strings.Join(list, ", ")
}
