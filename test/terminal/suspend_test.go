package terminal

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// counter is a container without a terminal that counts in two processes. Before
// Linux 6.9 a pidfd stands for no process group: only the first one is stopped.
func counter(t *testing.T) (b *kegtest.Bundle, count func() string) {
	t.Helper()
	b = bundle(t, "sh", "-c", `(while :; do date +%N >/tmp/child; sleep 0.02; done) & echo ready
		i=0; while [ $i -lt 150 ]; do date +%N >/tmp/parent; i=$((i+1)); sleep 0.02; done; kill %1; exit 3`)
	b.Spec.Process.Terminal = false
	return b, func() string {
		parent, _ := os.ReadFile(filepath.Join(b.Dir, "rootfs/tmp/parent"))
		child, _ := os.ReadFile(filepath.Join(b.Dir, "rootfs/tmp/child"))
		if !kegtest.Kernel(t, 6, 9) {
			child = nil
		}
		return string(parent) + string(child)
	}
}

// stopped waits until the container's processes are: a signal takes effect when they
// are scheduled. Before Linux 6.9 it is the first alone, and what that has begun ends.
func stopped(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	waitFor(t, "all are stopped", func() bool {
		for _, pid := range strings.FieldsFunc(b.Keg("ps", "--format", "json", b.ID()).Stdout, func(r rune) bool { return r < '0' || r > '9' }) {
			stat, err := os.ReadFile("/proc/" + pid + "/stat")
			if err == nil && !strings.Contains(string(stat), ") T ") && !strings.Contains(string(stat), ") Z ") && kegtest.Kernel(t, 6, 9) {
				return false
			}
		}
		return true
	})
	if !kegtest.Kernel(t, 6, 9) {
		time.Sleep(100 * time.Millisecond)
	}
}

// Ctrl-Z suspends a container without a terminal like any other program; fg
// continues it.
func TestSuspendWithoutTerminal(t *testing.T) {
	b, count := counter(t)
	x := on(t, b, run+"; echo stopped $?; read y; fg")
	x.Wait("ready")
	x.Settled() // the program may run before keg knows whom else to stop
	x.Key(kegtest.CtrlZ)
	x.Wait("stopped 14")
	stopped(t, b)
	before := count()
	time.Sleep(200 * time.Millisecond)
	if after := count(); after != before {
		t.Errorf("it goes on: %q, %q", before, after)
	}
	x.Key("\n")
	waitFor(t, "that it goes on", func() bool { return count() != before })
	x.AsBefore("3")
}

// Where nobody could continue keg, it is not stopped.
func TestSuspendNobody(t *testing.T) {
	b, count := counter(t)
	b.Write()
	x := kegtest.OnTerminal(t, "bash", "-c", words(t, b, run)) // without -m: in the group of a session's leader
	x.Wait("ready")
	syscall.Kill(kegOf(t, b), syscall.SIGTSTP)
	time.Sleep(50 * time.Millisecond)
	before := count()
	waitFor(t, "that it goes on", func() bool { return count() != before })
	x.AsBefore("3")
}
