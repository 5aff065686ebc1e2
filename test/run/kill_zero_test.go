package run

import (
	"os"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// Signal 0 is sent to nobody: scripts ask with it whether a container lives.
func TestKillZero(t *testing.T) {
	b := kegtest.NewBundle(t, "sleep", "100")
	started(t, b)
	if r := b.Keg("kill", b.ID(), "0"); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	all := b.Keg("kill", "--all", b.ID(), "0")
	if os.Geteuid() != 0 { // without a cgroup nobody knows who all are
		if all.Code != 1 || !strings.Contains(all.Stderr, "has no cgroup") {
			t.Errorf("--all: %+v", all)
		}
	} else if all.Code != 0 {
		t.Errorf("--all: %+v", all)
	}
	if state := b.Keg("state", b.ID()).Stdout; !strings.Contains(state, `"status": "running"`) {
		t.Errorf("after signal 0: %s", state)
	}
	b.Keg("kill", b.ID(), "KILL")
	if !becomes(b, "stopped") {
		t.Fatal(b.Keg("state", b.ID()).Stdout)
	}
	if r := b.Keg("kill", b.ID(), "0"); r.Code != 1 || !strings.Contains(r.Stderr, "container not running") {
		t.Errorf("stopped: %+v", r)
	}
}
