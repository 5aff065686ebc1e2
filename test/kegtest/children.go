package kegtest

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/keg-project/keg/linux"
)

// children are the names of processes' children, but for the test process itself. They
// stay with them: what a process executes changes.
func children(of ...int) map[string]bool {
	names := map[string]bool{}
	for pid, p := range childrenOf(of...) {
		if pid != os.Getpid() {
			names[fmt.Sprintf("process %d, of tick %d", pid, p.Start)] = true
		}
	}
	return names
}

// childrenOf finds the children of processes. The kernel's own lists of them may leave
// some out while others end (proc_tid_children(5)).
func childrenOf(of ...int) map[int]linux.Process {
	found := map[int]linux.Process{}
	for pid, p := range table() {
		if slices.Contains(of, p.Parent) {
			found[pid] = p
		}
	}
	return found
}

// table is of all processes. One whose parent is not among them is asked again: it
// has got another, since that has ended.
func table() map[int]linux.Process {
	all := map[int]linux.Process{}
	pids, _ := linux.Processes()
	for _, pid := range pids {
		read(all, pid)
	}
	for round, strangers := 0, true; strangers && round < 100; round++ { // a parent may be hidden, too: proc(5), hidepid
		strangers = false
		for pid, p := range all {
			if _, known := all[p.Parent]; !known && p.Parent != 0 {
				read(all, pid)
				read(all, p.Parent)
				strangers = true
			}
		}
	}
	return all
}

func read(all map[int]linux.Process, pid int) {
	p, err := linux.ProcStat(pid)
	if err != nil {
		delete(all, pid)
		return
	}
	all[pid] = p
}

// described is what else there is to say about a name.
func described(name string) string {
	number, isProcess := strings.CutPrefix(name, "process ")
	number, _, _ = strings.Cut(number, ",")
	pid, err := strconv.Atoi(number)
	if !isProcess || err != nil {
		return ""
	}
	p, err := linux.ProcStat(pid)
	if err != nil {
		return ": gone by now"
	}
	dir := "/proc/" + number
	args, _ := os.ReadFile(dir + "/cmdline")
	exe, _ := os.Readlink(dir + "/exe")
	return fmt.Sprintf(": %q (%s), state %c, child of %d", strings.Split(strings.TrimRight(string(args), "\x00"), "\x00"), exe, p.State, p.Parent)
}
