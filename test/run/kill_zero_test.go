package run

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// Signal 0 is sent to nobody: scripts ask with it whether a container lives.
func TestKillZero(t *testing.T) {
	b := kegtest.NewBundle(t, "sleep", "100")
	started(t, b)
	for _, args := range [][]string{{"kill", b.ID(), "0"}, {"kill", "--all", b.ID(), "0"}} {
		if r := b.Keg(args...); r.Code != 0 {
			t.Errorf("%q: %+v", args, r)
		}
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
