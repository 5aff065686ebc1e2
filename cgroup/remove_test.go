package cgroup

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRemoveNested(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		for _, name := range []string{"a/b/c", "a/d", "e", "f/g"} {
			sub(t, c, name, 0)
		}
		if err := c.Remove(); err != nil {
			t.Fatal(err)
		}
		if got := exist(c); len(got) > 0 {
			t.Errorf("left %v", got)
		}
	})
}

// A container may nest its cgroups deeper than a path can be long, and deeper
// than keg may have files open.
func TestRemoveDeep(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		d := c.dirs[len(c.dirs)-1]
		name := strings.Repeat("n", 200)
		fewFiles(t, 64)
		at, err := syscall.Open(d.Name(), syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
		for range 100 { // PATH_MAX is 4096
			if err == nil {
				err = syscall.Mkdirat(at, name, 0o755)
			}
			if err != nil {
				t.Fatal(err)
			}
			next, oerr := syscall.Openat(at, name, syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
			syscall.Close(at)
			at, err = next, oerr
		}
		syscall.Close(at)
		if _, err := c.Procs(true); err != nil {
			t.Error(err)
		}
		if err := c.Remove(); err != nil {
			t.Fatal(err)
		}
	})
}

func fewFiles(t *testing.T, most uint64) {
	t.Helper()
	var old syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: most, Max: old.Max})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old) })
}

func TestRemoveNamesHolder(t *testing.T) {
	l := needsCgroups(t)
	c := create(t, l)
	pid := spawn(t, "exec sleep 100")
	sub(t, c, "below", pid)
	start := time.Now()
	err := c.Remove()
	want := fmt.Sprintf("rmdir %s: cgroup is not empty: processes [%d]", c.dirs[0].Name(), pid)
	if err == nil || err.Error() != want || !errors.Is(err, ErrNotEmpty) {
		t.Errorf("error %v, want %s", err, want)
	}
	if took := time.Since(start); took > killTimeout+time.Minute {
		t.Errorf("took %v", took)
	}
}

// Remove waits for a process that is about to go.
func TestRemoveWaits(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		pid := occupy(t, c)
		time.AfterFunc(50*time.Millisecond, func() { syscall.Kill(pid, syscall.SIGKILL) })
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
}

// A frozen process that was killed goes only when it is thawed.
func TestRemoveThaws(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		pid := spawn(t, "exec sleep 100")
		sub(t, c, "below", pid)
		freezeAll(t, &Cgroup{below(c)}, true)
		syscall.Kill(pid, syscall.SIGKILL)
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
}

func below(c *Cgroup) []Dir {
	dirs := slices.Clone(c.dirs)
	for i := range dirs {
		dirs[i].Path += "/below"
	}
	return dirs
}

func TestKill(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		occupy(t, c)
		sub(t, c, "deep/down", spawn(t, "exec sleep 100"))
		sub(t, c, "below", spawn(t, "trap '' TERM HUP INT; while :; do sleep 1; done"))
		if pids, err := c.Procs(true); err != nil || len(pids) < 3 {
			t.Fatalf("processes %v, %v", pids, err)
		}
		if pids, err := c.Procs(false); err != nil || len(pids) != 1 {
			t.Fatalf("processes %v, %v", pids, err)
		}
		if err := c.Kill(); err != nil {
			t.Fatal(err)
		}
		if pids, err := c.Procs(true); err != nil || len(pids) > 0 {
			t.Errorf("left %v, %v", pids, err)
		}
	})
}

func TestKillFrozen(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		occupy(t, c)
		sub(t, c, "below", spawn(t, "exec sleep 100"))
		freezeAll(t, &Cgroup{below(c)}, true)
		freezeAll(t, c, true)
		if err := c.Kill(); err != nil {
			t.Fatal(err)
		}
		// Not c.Frozen: where both freezers held what was killed, the kernel may
		// go on saying "frozen 1" of the empty v2 cgroup.
		for _, d := range c.dirs {
			file, want := "/cgroup.freeze", "0\n"
			switch {
			case d.Has("freezer"):
				file, want = "/freezer.state", "THAWED\n"
			case !d.V2():
				continue
			}
			if got, err := os.ReadFile(d.Name() + file); err != nil || string(got) != want {
				t.Errorf("%s%s: %q, %v", d.Name(), file, got, err)
			}
		}
	})
}

// Processes that start others as fast as they can are caught.
func TestKillForking(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		pid := spawn(t, "read x </dev/null; sleep 0.2; while :; do /bin/true & done")
		if err := c.attach(pid); err != nil {
			t.Fatal(err)
		}
		time.Sleep(250 * time.Millisecond)
		if err := c.Kill(); err != nil {
			t.Fatal(err)
		}
	})
}

// While the list is worked through nothing in the v1 cgroups may run.
func TestFreezeV1(t *testing.T) {
	l := needsCgroups(t)
	c := create(t, l)
	if !slices.ContainsFunc(c.dirs, func(d Dir) bool { return d.Has("freezer") }) {
		t.Skip("no v1 freezer")
	}
	sub(t, c, "below", spawn(t, "exec sleep 100"))
	if err := c.freezeV1(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		inner := &Cgroup{below(c)}
		if frozen, err := inner.Frozen(); err != nil || frozen != want {
			t.Errorf("frozen %v, %v, want %v", frozen, err, want)
		}
		if err := thaw(c.dirs); err != nil {
			t.Error(err)
		}
	}
}
