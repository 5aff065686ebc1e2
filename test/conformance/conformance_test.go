package conformance

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

var (
	docs   = flag.Bool("docs", false, "write docs/conformance.md")
	update = flag.Bool("update", false, "write the results down for docs/conformance.md")
	keep   = flag.String("keep", "", "a directory for what the programs print")
	only   = flag.String("programs", "*", "which programs, by their names")
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// TestConformance runs every program on every runtime. keg passes what any peer
// passes, and all else that it fails has its row in the table.
func TestConformance(t *testing.T) {
	kegtest.NeedRoot(t)
	begin := time.Now()
	dir, programs := build(t)
	t.Logf("%d programs, built in %.0f s", len(programs), time.Since(begin).Seconds())
	programs = slices.DeleteFunc(programs, func(name string) bool {
		match, _ := filepath.Match(*only, name)
		return !match
	})
	all := runAll(t, dir, programs, contenders(t))
	t.Logf("%.0f s", time.Since(begin).Seconds())
	for _, p := range programs {
		t.Logf("%-34s keg %-18s runc %-18s crun %s", p, all[p]["keg"], all[p]["runc"], all[p]["crun"])
		for _, fault := range judge(p, all[p]) {
			t.Error(fault)
		}
	}
	if *only == "*" {
		for _, row := range unused(all) {
			t.Errorf("nothing of this occurs: %+v", row)
		}
		compare(t, all)
	}
}

// runAll runs the jobs side by side, since the programs mostly wait, but for those
// whose cgroups have the same names. The runtimes take turns at being the first.
func runAll(t *testing.T, dir string, programs []string, contenders []contender) Results {
	var several, single []job
	before, results := load(t), Results{}
	for i, p := range programs {
		results[p] = map[string]Report{}
		for n := range contenders {
			j := job{p, contenders[(i+n)%len(contenders)], jobDir(t, p)}
			if named(p) {
				single = append(single, j)
			} else {
				several = append(several, j)
			}
		}
	}
	var mu sync.Mutex
	var workers sync.WaitGroup
	work := func(jobs <-chan job) {
		workers.Go(func() {
			for j := range jobs {
				r := j.run(t, dir, before[j.program][j.name])
				mu.Lock()
				results[j.program][j.name] = r
				mu.Unlock()
			}
		})
	}
	work(feed(single))
	jobs := feed(several)
	for range 3 * runtime.NumCPU() {
		work(jobs)
	}
	workers.Wait()
	return results
}

func jobDir(t *testing.T, program string) string {
	dir := kegtest.TempDir(t)
	if *keep == "" {
		return dir
	}
	if err := os.MkdirAll(*keep, 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(*keep, program+".")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func feed(jobs []job) <-chan job {
	c := make(chan job, len(jobs))
	for _, j := range jobs {
		c <- j
	}
	close(c)
	return c
}
