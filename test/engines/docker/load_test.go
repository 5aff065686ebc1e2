package docker

import (
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

const crowd = 50

// TestLoad has a crowd of containers come and go at once, and a row of them one
// after the other, and says how long it took with each runtime.
func TestLoad(t *testing.T) {
	engines.Need(t, "dockerd", client, "containerd", "iptables", "ip", "nsenter", "busybox")
	for _, r := range loadRuntimes(t) {
		t.Run(r.Name, func(t *testing.T) {
			d := start(t, r)
			row := kegtest.Rounds(20, 200)
			if r.Name == "keg" {
				row = kegtest.Rounds(100, 1000)
			}
			begin := time.Now()
			d.crowd(t)
			together := time.Since(begin)
			begin = time.Now()
			for i := range row {
				d.answers(t, i)
			}
			t.Logf("%s: %d containers at once in %v; one of a row of %d takes %v", r.Name, crowd,
				together.Round(10*time.Millisecond), row, (time.Since(begin) / time.Duration(row)).Round(time.Millisecond))
		})
	}
}

// loadRuntimes are those that keg is compared with, and keg. crun refuses hybrid
// hierarchies.
func loadRuntimes(t *testing.T) []engines.Runtime {
	t.Helper()
	all := engines.Runtimes(t)
	if !unified() {
		return all
	}
	crun, err := exec.LookPath("crun")
	if err != nil {
		t.Fatal(err)
	}
	return append(all, engines.Runtime{Name: "crun", Path: crun})
}

// once is a container that says who it is, with an exit status of its own.
func once(i int) []string {
	return command("run --rm --network none", nil, fmt.Sprintf("echo I am %d; exit %d", i, i%3))
}

// answers runs a container, whose output and status must be its own.
func (d *daemon) answers(t testing.TB, i int) {
	t.Helper()
	r := d.Docker(t, once(i)...)
	if r.Code != i%3 || r.Stdout != fmt.Sprintf("I am %d\n", i) || r.Stderr != "" {
		t.Errorf("%d: status %d\n%s%s", i, r.Code, r.Stdout, r.Stderr)
	}
}

func (d *daemon) crowd(t testing.TB) {
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() { d.answers(t, i) })
	}
	all.Wait()
}
