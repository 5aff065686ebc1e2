package cri

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

var execs = []scenario{
	{Name: "ExecSync: output, exit code, program not found", Run: execSync},
	{Name: "200 exec probes from four sides at once", Run: probes},
	{Name: "a probe that exceeds its timeout is killed", Run: probeTimeout},
}

func execSync(t testing.TB, n *node) {
	c := n.pod(t).idle(t)
	r, err := c.probe(60, script("echo out; echo err >&2; exit 7")...)
	must(t, err)
	if string(r.Stdout) != "out\n" || string(r.Stderr) != "err\n" || r.ExitCode != 7 {
		t.Errorf("%v", r)
	}
	r, err = c.probe(60, script("kill -9 $$")...)
	must(t, err)
	if r.ExitCode != 137 {
		t.Errorf("killed: %v", r)
	}
	_, err = c.probe(60, "nothing-of-this-name")
	if err == nil || !strings.Contains(err.Error(), "executable file not found in $PATH") {
		t.Errorf("no such program: %v", err)
	}
	// More than a pipe holds.
	r, err = c.probe(60, script("head -c 1000000 /dev/zero | tr '\\0' x")...)
	must(t, err)
	if len(r.Stdout) != 1000000 {
		t.Errorf("%d bytes", len(r.Stdout))
	}
}

func probes(t testing.TB, n *node) {
	c := n.pod(t).idle(t)
	const sides = 4
	each := kegtest.Rounds(50, 500)
	var wrong sync.Map
	var all sync.WaitGroup
	for side := range sides {
		all.Go(func() {
			for i := range each {
				code := (side*each + i) % 100
				r, err := c.probe(60, script(fmt.Sprintf("echo %d-%d; exit %d", side, i, code))...)
				if err != nil || string(r.Stdout) != fmt.Sprintf("%d-%d\n", side, i) || int(r.ExitCode) != code {
					wrong.Store(fmt.Sprintf("%d-%d", side, i), fmt.Sprint(r, err))
				}
			}
		})
	}
	all.Wait()
	wrong.Range(func(which, what any) bool {
		t.Errorf("probe %v: %v", which, what)
		return true
	})
	c.alone(t)
}

// alone sees that no exec's process is left.
func (c *container) alone(t testing.TB) {
	t.Helper()
	eventually(t, "one process in the container", func() (any, bool) {
		procs := strings.Fields(c.cgroupFile(t, "pids", "cgroup.procs", "cgroup.procs"))
		return procs, len(procs) == 1
	})
}

func probeTimeout(t testing.TB, n *node) {
	c := n.pod(t).idle(t)
	all(t, 3, func(int) error {
		_, err := c.probe(1, "sleep", "1000")
		if err == nil || !strings.Contains(err.Error(), "timeout") && !strings.Contains(err.Error(), "deadline") {
			return fmt.Errorf("a probe that takes too long: %w", err)
		}
		return nil
	})
	c.alone(t)
	c.prints(t, "echo alive", "alive")
}
