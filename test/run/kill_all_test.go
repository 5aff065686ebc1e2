package run

import (
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// A pid namespace ends with its init, also where no cgroup tells who is in it.
func TestKillAll(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", "sleep 100 & sleep 100 & wait")
	started(t, b)
	if r := b.Keg("kill", "--all", b.ID(), "KILL"); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	if !becomes(b, "stopped") {
		t.Fatal(b.Keg("state", b.ID()).Stdout)
	}
	for _, sig := range []string{"KILL", "TERM"} { // engines rely on it
		if r := b.Keg("kill", "--all", b.ID(), sig); r.Code != 0 {
			t.Errorf("stopped, %s: %+v", sig, r)
		}
	}
}
