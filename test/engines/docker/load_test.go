package docker

import (
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/dockerd"
	"github.com/keg-project/keg/test/kegtest"
)

const crowd = 50

// legacy takes the empty hierarchy of v2 out of the daemon's sight, which it
// lets crun run: that refuses both together. All are measured so.
const legacy = "if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi"

// TestLoad has crowds of containers come and go at once, and a row of them one
// after the other, in turns with each runtime, and says how long they took.
func TestLoad(t *testing.T) {
	engines.Need(t, "dockerd", client, "containerd", "iptables", "ip", "nsenter", "busybox", "crun")
	crun, err := exec.LookPath("crun")
	if err != nil {
		t.Fatal(err)
	}
	keg := engines.Runtimes(t)[1]
	d := ready(t, keg, dockerd.Setup{Flags: []string{"--add-runtime", "crun=" + crun}, Prepare: legacy})
	long := kegtest.Rounds(100, 1000)
	short := kegtest.Rounds(20, 200)
	const crowds = 3 // each runtime's is the first once
	together := turns(crowds, crowds, func(runtime string, _ int) { d.crowd(t, runtime) })
	row := turns(long, short, func(runtime string, i int) { d.answers(t, runtime, i) })
	engines.Measured{Title: dockerd.Title(t), Rows: []engines.Measure{
		middle(fmt.Sprintf("%d `docker run` at once", crowd), together),
		middle("one `docker run` of a row", row),
	}}.Keep(t, "docker")
	t.Logf("crowds of %d: %d with each; a row of %d with keg, of %d with runc and crun", crowd, crowds, long, short)
}

// turns does something so many times with keg, and so many with each of the
// others in between: what else the machine does is no runtime's to pay for alone.
func turns(keg, others int, do func(runtime string, i int)) map[string][]time.Duration {
	took := map[string][]time.Duration{}
	once := func(runtime string, i int) {
		begin := time.Now()
		do(runtime, i)
		took[runtime] = append(took[runtime], time.Since(begin))
	}
	names := []string{"keg", "runc", "crun"}
	for i := range keg {
		for k := range names {
			if runtime := names[(i+k)%len(names)]; runtime == "keg" || i%(keg/others) == 0 {
				once(runtime, i)
			}
		}
	}
	return took
}

// middle are the medians.
func middle(what string, took map[string][]time.Duration) engines.Measure {
	median := func(runtime string) float64 {
		all := slices.Sorted(slices.Values(took[runtime]))
		return all[len(all)/2].Seconds()
	}
	return engines.Measure{What: what, Runc: median("runc"), Crun: median("crun"), Keg: median("keg")}
}

// answers runs a container that says who it is, with an exit status of its own.
func (d *daemon) answers(t testing.TB, runtime string, i int) {
	t.Helper()
	r := d.Docker(t, command("run --rm --network none --runtime "+runtime, nil, fmt.Sprintf("echo I am %d; exit %d", i, i%3))...)
	if r.Code != i%3 || r.Stdout != fmt.Sprintf("I am %d\n", i) || r.Stderr != "" {
		t.Errorf("%s, %d: status %d\n%s%s", runtime, i, r.Code, r.Stdout, r.Stderr)
	}
}

func (d *daemon) crowd(t testing.TB, runtime string) {
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() { d.answers(t, runtime, i) })
	}
	all.Wait()
}
