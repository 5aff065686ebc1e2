package update

import (
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// pause stops the container until resume is called.
func pause(t *testing.T, b *kegtest.Bundle) (resume func()) {
	t.Helper()
	must(t, b.Keg("pause", b.ID()))
	return func() { must(t, b.Keg("resume", b.ID())) }
}

func expectPaused(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	if r := must(t, b.Keg("state", b.ID())); !strings.Contains(r.Stdout, `"paused"`) {
		t.Errorf("after the update: %s", r.Stdout)
	}
}

// A paused container's limits change, and it stays paused.
func TestPaused(t *testing.T) {
	b := running(t, oci.LinuxResources{})
	resume := pause(t, b)
	update(t, b, "--pids-limit", "5", "--memory", "64m", "--cpuset-cpus", "0")
	expectPaused(t, b)
	resume()
	expectFork(t, b, false, "limit of 5 set while it was paused")
}

// Nor does it have to run for less memory than it has: v1 refuses that, v2 kills.
func TestPausedMemory(t *testing.T) {
	b := running(t, withMemory(100*mib))
	must(t, b.Keg("exec", "-d", b.ID(), "sh", "-c", "dd if=/dev/zero bs=40M count=1 | sleep 1000"))
	usage := file(t, b, "memory", "memory.usage_in_bytes", "memory.current")
	used := func() int {
		n, err := strconv.Atoi(read(t, usage))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	within(t, "dd has its memory", func() bool { return used() >= 40*mib })
	resume := pause(t, b)
	flags := []string{"update", "--memory", "16m", "--memory-swap", "16m", b.ID()}
	if pureV2() {
		must(t, b.Keg(flags...))
	} else {
		refused(t, b.Keg(flags...), "keg: --memory: ", "device or resource busy", "the processes inside use more than that")
	}
	expectPaused(t, b)
	resume()
	within(t, "what is killed is gone, and else nothing", func() bool { return (used() >= 40*mib) != pureV2() })
	must(t, inside(t, b, "true"))
}
