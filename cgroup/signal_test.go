package cgroup

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// hop is a process that lives for a moment and leaves a copy of itself.
const hop = `export HOP='sh -c "$HOP" &'; sh -c "$HOP"`

// A process that always has started the next one by the time that it is
// signalled is caught all the same.
func TestSignalForking(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		if !hasFreezer(c) {
			t.Skip("no freezer")
		}
		for i := range 60 { // it takes longer than a moment to look for processes here
			sub(t, c, "below/"+strconv.Itoa(i), 0)
		}
		pid := spawn(t, "sleep 0.2; "+hop)
		if err := (&Cgroup{below(c)}).attach(pid); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool {
			pids, err := c.Procs(true)
			return err == nil && len(pids) > 0 && !slices.Contains(pids, pid)
		})
		if err := c.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { pids, err := c.Procs(true); return err == nil && len(pids) == 0 })
		if frozen, err := c.Frozen(); frozen || err != nil {
			t.Errorf("still frozen: %v", err)
		}
	})
}

// What was paused stays so: the signal waits.
func TestSignalFrozen(t *testing.T) {
	layouts(t, func(t *testing.T, l Layout) {
		c := create(t, l)
		if !hasFreezer(c) {
			t.Skip("no freezer")
		}
		occupy(t, c)
		freezeAll(t, c, true)
		if err := c.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for _, d := range c.dirs { // on v2 the process may have died, frozen as it was
			if got, err := os.ReadFile(d.Name() + "/cgroup.freeze"); d.V2() && (string(got) != "1\n" || err != nil) {
				t.Errorf("%s/cgroup.freeze: %q, %v", d.Name(), got, err)
			}
			if got, err := os.ReadFile(d.Name() + "/freezer.state"); d.Has("freezer") && (string(got) == "THAWED\n" || err != nil) {
				t.Errorf("%s/freezer.state: %q, %v", d.Name(), got, err)
			}
		}
		freezeAll(t, c, false)
		eventually(t, func() bool { pids, err := c.Procs(true); return err == nil && len(pids) == 0 })
	})
}

func TestSignalRefusesOwn(t *testing.T) {
	l := needsCgroups(t)
	for _, h := range l.Hierarchies {
		c := &Cgroup{[]Dir{{h.Controllers, h.Mount, h.visibleSelf()}}}
		if err := c.Signal(0); !errors.Is(err, errOwn) {
			t.Errorf("%s: %v", h.Mount, err)
		}
	}
}

// unified is the caller's unified hierarchy.
func unified(t *testing.T) Layout {
	t.Helper()
	l := needsCgroups(t)
	for _, h := range l.Hierarchies {
		if h.V2() {
			return Layout{V2, []Hierarchy{h}}
		}
	}
	t.Skip("no unified hierarchy")
	return l
}

// A cgroup hands its controllers down or, when it has processes, nothing.
func TestControllersKept(t *testing.T) {
	c := create(t, unified(t))
	leaf := []Dir{{"", c.dirs[0].Mount, c.dirs[0].Path + "/leaf"}}
	f, err := Controllers(leaf)
	if err != nil || len(f.V2) == 0 || len(f.Kept) > 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	had := f.V2
	pid := occupy(t, c)
	f, err = Controllers(leaf)
	if err != nil || len(f.V2) > 0 || len(f.Kept) != len(had) {
		t.Fatalf("%+v, %v", f, err)
	}
	if why := f.Kept[had[0]]; !strings.HasPrefix(why.Error(), "cgroup "+c.dirs[0].Name()+": it hands down no controllers, since it has processes") {
		t.Error(why)
	}
	made, err := Create(leaf) // as good as it goes
	if err != nil {
		t.Fatal(err)
	}
	if f, err = Controllers(made.dirs); err != nil || len(f.V2) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
	syscall.Kill(pid, syscall.SIGKILL)
	eventually(t, func() bool { f, err := Controllers(leaf); return err == nil && len(f.V2) == len(had) })
}

// Whoever a cgroup is given to may make sub-cgroups, and change no limit.
func TestDelegate(t *testing.T) {
	c := create(t, unified(t))
	given, err := c.Delegate("inner", 65534)
	if err != nil {
		t.Fatal(err)
	}
	if want := c.dirs[0].Path + "/inner"; given.dirs[0].Path != want {
		t.Errorf("%v, want %s", given.dirs, want)
	}
	name := given.dirs[0].Name()
	for file, want := range map[string]uint32{"": 65534, "/cgroup.procs": 65534, "/cgroup.threads": 65534,
		"/cgroup.subtree_control": 65534, "/cgroup.freeze": 0, "/../cgroup.procs": 0} {
		var st syscall.Stat_t
		if err := syscall.Lstat(name+file, &st); err != nil || st.Uid != want {
			t.Errorf("%s belongs to %d, %v, want %d", file, st.Uid, err, want)
		}
	}
	if on, err := os.ReadFile(c.dirs[0].Name() + "/cgroup.subtree_control"); err != nil || len(on) < 2 {
		t.Errorf("it hands down %q, %v", on, err)
	}
	if again, err := c.Delegate("", 65534); err != nil || again != c {
		t.Errorf("%v, %v", again, err)
	}
	if _, err := c.Delegate("../x", 0); err == nil {
		t.Error("leaves the cgroup")
	}
}
