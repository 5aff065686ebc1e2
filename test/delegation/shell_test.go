package delegation

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// The limits of `keg shell` hold, and with explain they are shown.
func TestShellLimits(t *testing.T) {
	kegtest.NeedRoot(t)
	state := kegtest.TempDir(t)
	shell := func(args ...string) kegtest.Result {
		return kegtest.Command(t, "", append([]string{"--root", state, "shell"}, args...)...)
	}
	if r := shell("--memory", "16m", "--", "sh", "-c", "x=a; while :; do x=$x$x; done"); r.Code != 128+9 {
		t.Errorf("it was not killed for its memory: %+v", r)
	}
	if r := shell("--memory=1g", "--pids", "4", "--", "sh", "-c", forks); !strings.Contains(r.Stdout, "started 2\n") || strings.Contains(r.Stdout, "started 4\n") {
		t.Errorf("%+v", r)
	}
	throttled := shell("--cpus", "0.1", "--", "sh", "-c",
		"sh -c 'while :; do :; done' & sleep 1; kill $!; cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpu/cpu.stat 2>/dev/null").Stdout
	if i := strings.LastIndex(throttled, "nr_throttled "); i < 0 || strings.HasPrefix(throttled[i:], "nr_throttled 0\n") {
		t.Errorf("never throttled:\n%s", throttled)
	}
	r := shell("--explain", "--memory", "16m", "--", "true")
	if !strings.Contains(r.Stdout, "linux.resources.memory.limit") || strings.Contains(r.Stdout, "linux.resources.pids") {
		t.Errorf("%+v", r)
	}
}
