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
			names[fmt.Sprintf("process %d, of tick %s", pid, p.start)] = true
		}
	}
	return names
}

// childrenOf finds the children of processes. The kernel's own lists of them may leave
// some out while others end (proc_tid_children(5)).
func childrenOf(of ...int) map[int]process {
	found := map[int]process{}
	for pid, p := range table() {
		if slices.Contains(of, p.parent) {
			found[pid] = p
		}
	}
	return found
}

type process struct {
	start  string
	parent int
}

// table is of all processes. One whose parent is not among them is asked again: it
// has got another, since that has ended.
func table() map[int]process {
	all := map[int]process{}
	dir, err := os.Open("/proc")
	if err != nil {
		return all
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			read(all, pid)
		}
	}
	for round, strangers := 0, true; strangers && round < 100; round++ { // a parent may be hidden, too: proc(5), hidepid
		strangers = false
		for pid, p := range all {
			if _, known := all[p.parent]; !known && p.parent != 0 {
				read(all, pid)
				read(all, p.parent)
				strangers = true
			}
		}
	}
	return all
}

// read takes up what proc_pid_stat(5) says of a process.
func read(all map[int]process, pid int) {
	fields, err := linux.ProcStat(pid)
	if err != nil {
		delete(all, pid)
		return
	}
	parent, _ := strconv.Atoi(string(fields[4-3]))
	all[pid] = process{string(fields[22-3]), parent}
}

// described is what else there is to say about a name.
func described(name string) string {
	number, isProcess := strings.CutPrefix(name, "process ")
	number, _, _ = strings.Cut(number, ",")
	pid, err := strconv.Atoi(number)
	if !isProcess || err != nil {
		return ""
	}
	fields, err := linux.ProcStat(pid)
	if err != nil {
		return ": gone by now"
	}
	dir := "/proc/" + number
	args, _ := os.ReadFile(dir + "/cmdline")
	exe, _ := os.Readlink(dir + "/exe")
	return fmt.Sprintf(": %q (%s), state %s, child of %s", strings.Split(strings.TrimRight(string(args), "\x00"), "\x00"), exe, fields[0], fields[1]) // as proc_pid_stat(5) counts: 3 and 4
}
