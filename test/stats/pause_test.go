package stats

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// counting writes to /data/n how far it has got.
const counting = `i=0; while :; do i=$((i+1)); echo $i > /data/n; done`

func counter(t *testing.T, b *kegtest.Bundle) int {
	t.Helper()
	file, n := filepath.Join(b.Dir, "rootfs/data/n"), 0
	within(t, time.Minute, "the container counts", func() bool { // the file is empty at times
		text, _ := os.ReadFile(file)
		var err error
		n, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	})
	return n
}

func counts(t *testing.T, b *kegtest.Bundle, more int) {
	t.Helper()
	from := counter(t, b)
	within(t, time.Minute, "the container counts on", func() bool { return counter(t, b) >= from+more })
}

// What is paused stands still, while another container goes on; what is resumed
// goes on from there.
func TestPause(t *testing.T) {
	kegtest.NeedRoot(t)
	a, b := running(t, counting+" & wait"), running(t, counting)
	counts(t, a, 1)
	must(t, a.Keg("pause", a.ID()))
	if s := state(t, a); s.Status != "paused" || s.Pid == 0 {
		t.Errorf("%+v", s)
	}
	// The program may have been stopped between making the file empty and writing it.
	stopped := read(t, filepath.Join(a.Dir, "rootfs/data/n"))
	counts(t, b, 300)
	if now := read(t, filepath.Join(a.Dir, "rootfs/data/n")); now != stopped {
		t.Errorf("a paused container went on from %q to %q", stopped, now)
	}
	refused(t, a.Keg("pause", a.ID()), `cannot pause container "`+a.ID()+`": it is paused already: container not running`)
	refused(t, a.Keg("exec", a.ID(), "true"), "it is paused (keg resume "+a.ID()+")")
	must(t, a.Keg("resume", a.ID()))
	counts(t, a, 10)
	if s := state(t, a); s.Status != "running" {
		t.Errorf("%+v", s)
	}
	refused(t, a.Keg("resume", a.ID()), "it is running: container not paused")
}

func TestPauseCreated(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, "exec sleep 1000")
	must(t, b.Keg("create", "--bundle", b.Dir, b.ID()))
	must(t, b.Keg("pause", b.ID()))
	refused(t, b.Keg("start", b.ID()), "it is paused (keg resume "+b.ID()+")")
	must(t, b.Keg("resume", b.ID()))
	if s := state(t, b); s.Status != "created" {
		t.Errorf("%+v", s)
	}
	must(t, b.Keg("start", b.ID()))
}

func TestPauseStopped(t *testing.T) {
	b := bundle(t, "exit 0")
	must(t, b.Keg("run", "-d", "--bundle", b.Dir, b.ID()))
	within(t, time.Minute, "it has ended", func() bool { return state(t, b).Status == "stopped" })
	refused(t, b.Keg("pause", b.ID()), "it is stopped: container not running")
	refused(t, b.Keg("resume", b.ID()), "it is stopped: container not paused")
	refused(t, b.Keg("pause", "keg-test-none"), "does not exist")
}

// A paused container can be ended, and leaves nothing frozen behind.
func TestEndPaused(t *testing.T) {
	kegtest.NeedRoot(t)
	b := running(t, "sleep 1000 & wait")
	must(t, b.Keg("pause", b.ID()))
	must(t, b.Keg("kill", b.ID(), "KILL"))
	within(t, time.Minute, "the killed container has stopped", func() bool { return state(t, b).Status == "stopped" })
	must(t, b.Keg("delete", b.ID()))

	b = running(t, "sleep 1000 & wait")
	must(t, b.Keg("pause", b.ID()))
	must(t, b.Keg("delete", "-f", b.ID()))
	refused(t, b.Keg("state", b.ID()), "does not exist")
}

// A container without a right to cgroups cannot be paused, and that is said.
func TestPauseWithoutCgroup(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root has cgroups")
	}
	b := running(t, "exec sleep 1000")
	if table := read(t, "/proc/"+strconv.Itoa(state(t, b).Pid)+"/cgroup"); strings.Contains(table, b.ID()) {
		must(t, b.Keg("pause", b.ID()))
		must(t, b.Keg("resume", b.ID()))
		return
	}
	refused(t, b.Keg("pause", b.ID()), "it has no cgroup, so its processes cannot be stopped together (hint: ")
}

// What a container has frozen itself stays frozen when it is resumed, and is no
// obstacle.
func TestNestedFrozen(t *testing.T) {
	kegtest.NeedRoot(t)
	b := running(t, counting+" & echo $! > /data/pid; exec sleep 1000")
	init := state(t, b).Pid
	counts(t, b, 1)
	sub := filepath.Join(cgroup(t, init, "freezer"), "nested")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(sub, "cgroup.procs"), strconv.Itoa(child(t, init)))
	setFrozen(t, sub, true)
	must(t, b.Keg("pause", b.ID()))
	must(t, b.Keg("resume", b.ID()))
	if s := state(t, b); s.Status != "running" {
		t.Errorf("%+v", s)
	}
	if !isFrozen(t, sub) {
		t.Error("resume has thawed what the container had frozen itself")
	}
	setFrozen(t, sub, false)
	counts(t, b, 10)
}

// A container that is frozen by a cgroup above its own cannot be resumed alone.
func TestFrozenAbove(t *testing.T) {
	kegtest.NeedRoot(t)
	parent := "keg-test-above-" + strconv.Itoa(os.Getpid())
	t.Cleanup(func() { removeEverywhere(t, parent) })
	b := running(t, "exec sleep 1000", func(s *oci.Spec) { s.Linux.CgroupsPath = "/" + parent + "/" + filepath.Base(kegtest.TempDir(t)) })
	above := filepath.Dir(cgroup(t, state(t, b).Pid, "freezer"))
	setFrozen(t, above, true)
	refused(t, b.Keg("resume", b.ID()), "cgroup is frozen by a cgroup above it, "+above+": thaw that")
	setFrozen(t, above, false)
	if s := state(t, b); s.Status != "running" {
		t.Errorf("%+v", s)
	}
}

// A container that ends while it is being paused is paused or has ended, never
// something in between.
func TestPauseMeetsTheEnd(t *testing.T) {
	kegtest.NeedRoot(t)
	for range kegtest.Rounds(8, 200) {
		b := running(t, `n=$(seq 1 300); exit 0`)
		time.Sleep(rand.N(3 * time.Millisecond))
		r := b.Keg("pause", b.ID())
		switch s := state(t, b); {
		case r.Code == 0 && s.Status != "paused":
			t.Errorf("pause succeeds, and the container is %s", s.Status)
		case r.Code == 0:
			must(t, b.Keg("resume", b.ID()))
		case !strings.Contains(r.Stderr, "it is stopped: container not running"):
			t.Errorf("%+v", r)
		}
		within(t, time.Minute, "it ends", func() bool { return state(t, b).Status == "stopped" })
		must(t, b.Keg("delete", b.ID()))
	}
}
