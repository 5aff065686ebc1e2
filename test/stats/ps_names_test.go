package stats

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// A process's own words, in front of its pid, do not pass for one.
func TestPsHostileArguments(t *testing.T) {
	kegtest.NeedRoot(t)
	t.Setenv("LC_ALL", "C.UTF-8")
	b := kegtest.NewBundle(t, "sh", "-c", ": "+strings.Repeat("é", 12)+strings.Repeat(" 1 ", 6)+"; while :; do sleep 1; done")
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	if r := b.Keg("run", "-d", "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	if r := b.Keg("ps", b.ID(), "-eo", "args:40,pid"); r.Code != 0 || !strings.Contains(r.Stdout, "sh -c : ??") {
		t.Errorf("%s%s", r.Stdout, r.Stderr)
	}
}
