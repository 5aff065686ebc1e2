package delegation

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// Two containers with one cgroup, one after the other: the end of the first is
// not the second's.
func TestDeleteSparesAnother(t *testing.T) {
	kegtest.NeedRoot(t)
	first := kegtest.NewBundle(t, "true")
	first.Spec.Linux.CgroupsPath = "/" + first.ID()
	start(t, first)
	eventually(t, "the first's end", func() bool { return strings.Contains(first.Keg("state", first.ID()).Stdout, `"stopped"`) })
	second := kegtest.NewBundle(t, "sleep", "1000")
	second.Spec.Linux.CgroupsPath = first.Spec.Linux.CgroupsPath
	start(t, second)
	for _, args := range [][]string{{"delete"}, {"delete", "-f"}, {"kill", "--all"}} {
		refused(t, first.Keg(append(args, first.ID())...), "another container's processes")
	}
	if r := second.Keg("state", second.ID()); !strings.Contains(r.Stdout, `"running"`) {
		t.Fatalf("the second container has ended: %s", r.Stdout)
	}
	if r := second.Keg("delete", "-f", second.ID()); r.Code != 0 {
		t.Error(r.Stderr)
	}
	deleted(t, first, "delete")
}

// A process of the container that freezes the init whenever keg thaws it. On v2
// what is killed ends frozen as it is.
func TestDeleteFrozenAgain(t *testing.T) {
	kegtest.NeedRoot(t)
	if _, err := os.Stat(mountRoot + "/freezer"); err != nil {
		t.Skip("needs a v1 freezer")
	}
	// The init may win the race and die. Five times in a row it does not.
	for range 5 {
		if deleteFrozenAgain(t); t.Failed() {
			return
		}
	}
}

func deleteFrozenAgain(t *testing.T) {
	b := inHosts(t, "")
	script(b, `cd $(find /data/freezer -type d -name "$ID") && mkdir y || exit
		for i in 1 2 3; do while :; do echo FROZEN > y/freezer.state; done & done
		echo $$ > y/cgroup.procs; exec sleep 1000`)
	start(t, b)
	t.Cleanup(func() { eventually(t, "the end of what keg left", func() bool { return endFrozen(b) }) })
	eventually(t, "a frozen init", func() bool {
		list, _ := filepath.Glob(mountRoot + "/freezer/" + b.ID() + "/y/freezer.state")
		for _, name := range list {
			text, _ := os.ReadFile(name)
			return string(text) == "FROZEN\n"
		}
		return false
	})
	deleted(t, b, "delete", "-f")
}

// endFrozen ends what is still in the container's freezer, and tells whether
// nothing is.
func endFrozen(b *kegtest.Bundle) bool {
	for _, name := range inside(b) {
		pid, _ := strconv.Atoi(name)
		syscall.Kill(pid, syscall.SIGKILL)
	}
	for _, dir := range cgroups(b) {
		os.WriteFile(dir+"/freezer.state", []byte("THAWED"), 0)
	}
	return len(inside(b)) == 0
}
