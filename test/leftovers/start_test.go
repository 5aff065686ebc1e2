package leftovers

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// TestInitDiesWhileStarted kills a created container's init after every n-th
// system call of start, which must neither hang nor leave anything.
func TestInitDiesWhileStarted(t *testing.T) {
	b := bundle(t, staged)
	before := kegtest.Leftovers()
	s := scene{name: "start, its init killed"}
	for n := 1 + rand.IntN(step()); ; n += step() {
		tr := &tracer{t: t, who: kegItself, n: n, prey: created(t, b)}
		got := tr.run(kegtest.Keg(t), "--root", b.Root, "start", b.ID())
		if got.code != 0 && !strings.Contains(got.output, "not running") && !strings.Contains(got.output, "it is stopped") {
			t.Errorf("after call %d: exit status %d: %s", n, got.code, got.output)
		}
		clear(t, b, s, n, before)
		if t.Failed() || !got.killed {
			return
		}
	}
}

// created makes the container and returns its init's pid.
func created(t *testing.T, b *kegtest.Bundle) int {
	t.Helper()
	pidFile := filepath.Join(b.Dir, "pid")
	if r := b.Keg("create", "--no-new-keyring", "--bundle", b.Dir, "--pid-file", pidFile, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
