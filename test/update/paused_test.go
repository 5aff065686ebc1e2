package update

import (
	"os"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// A paused container's limits change, and it stays paused.
func TestPaused(t *testing.T) {
	b := running(t, oci.LinuxResources{})
	freezer, frozen, thawed := file(t, b, "freezer", "freezer.state", "cgroup.freeze"), "FROZEN", "THAWED"
	if pureV2() {
		frozen, thawed = "1", "0"
	}
	put := func(value string) {
		t.Helper()
		if err := os.WriteFile(freezer, []byte(value), 0); err != nil {
			t.Fatal(err)
		}
	}
	put(frozen)
	t.Cleanup(func() { os.WriteFile(freezer, []byte(thawed), 0) })
	update(t, b, "--pids-limit", "5")
	if r := must(t, b.Keg("state", b.ID())); !strings.Contains(r.Stdout, `"paused"`) {
		t.Errorf("after the update: %s", r.Stdout)
	}
	put(thawed)
	expectFork(t, b, false, "limit of 5 set while it was paused")
}
