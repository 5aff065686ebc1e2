package exec

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// freezer is how a container's cgroup is frozen.
type freezer struct{ file, frozen, thawed string }

func freezerOf(t *testing.T, b *kegtest.Bundle) freezer {
	t.Helper()
	dirs := cgroups(t, initPid(t, b))
	f := freezer{filepath.Join(dirs["freezer"], "freezer.state"), "FROZEN", "THAWED"}
	if pureV2() {
		f = freezer{filepath.Join(dirs[""], "cgroup.freeze"), "1", "0"}
	}
	t.Cleanup(func() { os.WriteFile(f.file, []byte(f.thawed), 0) })
	return f
}

func (f freezer) freeze(t *testing.T) { t.Helper(); write(t, f.file, f.frozen) }
func (f freezer) thaw(t *testing.T)   { t.Helper(); write(t, f.file, f.thawed) }

// alone expects that the container holds its init and no other process.
func alone(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	init := strconv.Itoa(initPid(t, b))
	dirs := cgroups(t, initPid(t, b))
	within(t, time.Minute, "the container holds its init alone", func() bool {
		for _, dir := range dirs {
			if text, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs")); strings.TrimSpace(string(text)) != init {
				return false
			}
		}
		return true
	})
}

func TestPaused(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t, writable)
	f := freezerOf(t, b)
	f.freeze(t)
	for _, flags := range [][]string{nil, {"-d"}, {"--cgroup", "/"}} {
		refused(t, b.Keg(append(append([]string{"exec"}, flags...), b.ID(), "true")...), `it is paused (keg resume `+b.ID()+`)`)
	}
	p := begin(t, b, "--ignore-paused", b.ID(), "sh", "-c", "echo > /data/mark; exit 9")
	time.Sleep(300 * time.Millisecond)
	if _, err := os.Stat(filepath.Join(b.Dir, "rootfs/data/mark")); err == nil {
		t.Error("the program ran in a frozen container")
	}
	f.thaw(t)
	if r := p.end(t, time.Minute); r.Code != 9 {
		t.Errorf("after the thaw: exit status %d: %s", r.Code, r.Stderr)
	}
	alone(t, b)
}

// Who waits for a paused container can be interrupted, and then leaves nothing
// that would start once the container is resumed.
func TestPausedIsInterrupted(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL} {
		b := sleeper(t, writable)
		f := freezerOf(t, b)
		f.freeze(t)
		p := begin(t, b, "--ignore-paused", b.ID(), "sh", "-c", "echo > /data/mark")
		time.Sleep(200 * time.Millisecond)
		p.signal(t, sig)
		if r := p.end(t, time.Minute); r.Code == 0 {
			t.Errorf("%v: exit status 0", sig)
		}
		f.thaw(t)
		alone(t, b)
		if _, err := os.Stat(filepath.Join(b.Dir, "rootfs/data/mark")); err == nil {
			t.Errorf("%v: the program ran", sig)
		}
	}
}

// A sub-cgroup that is frozen by itself is named.
func TestFrozenSubCgroup(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t)
	sub := below(t, cgroups(t, initPid(t, b)), "sub")
	f := freezer{filepath.Join(sub["freezer"], "freezer.state"), "FROZEN", "THAWED"}
	if pureV2() {
		f = freezer{filepath.Join(sub[""], "cgroup.freeze"), "1", "0"}
	}
	f.freeze(t)
	defer f.thaw(t)
	within(t, time.Minute, "it is frozen", func() bool { return frozen(f) })
	refused(t, b.Keg("exec", "--cgroup", "sub", b.ID(), "true"), "/sub is frozen")
	in(t, b, "true")
}

func frozen(f freezer) bool {
	if strings.HasSuffix(f.file, "freezer.state") {
		text, _ := os.ReadFile(f.file)
		return bytes.HasPrefix(text, []byte("FROZEN"))
	}
	text, _ := os.ReadFile(strings.TrimSuffix(f.file, "freeze") + "events")
	return bytes.Contains(text, []byte("frozen 1"))
}

// The container is paused while an exec is on its way: that either has got to
// its program or says why not, though the container stays paused, and nothing
// is left of it.
func TestPausedOnTheWay(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t)
	f := freezerOf(t, b)
	began := time.Now()
	in(t, b, "true")
	usual := time.Since(began)
	want := kegtest.Rounds(3, 50)
	for round, met := 0, 0; met < want && !t.Failed(); round++ {
		if round == 40*want {
			t.Fatalf("of %d execs, %d met the pause", round, met)
		}
		if pausedOnTheWay(t, b, f, rand.N(usual)) {
			met++
		}
	}
}

// pausedOnTheWay pauses the container some time after exec has begun, and
// reports whether exec was on its way then.
func pausedOnTheWay(t *testing.T, b *kegtest.Bundle, f freezer, after time.Duration) bool {
	t.Helper()
	p := begin(t, b, b.ID(), "true")
	time.Sleep(after)
	f.freeze(t)
	began, ended := time.Now(), make(chan struct{})
	go func() { p.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(3 * time.Second): // the program runs, and is frozen itself
		for _, name := range others(t, b) {
			if name != "true" {
				t.Errorf("exec waits for a process that is frozen on its way: %s", name)
			}
		}
	}
	took := time.Since(began)
	f.thaw(t)
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatalf("exec hangs: %s", p.stderr.String())
	}
	r := kegtest.Result{Stderr: p.stderr.String(), Code: p.cmd.ProcessState.ExitCode()}
	alone(t, b)
	if r.Code == 0 {
		return false
	}
	refused(t, r, "it is paused (keg resume ")
	if took > 3*time.Second {
		t.Error("exec learned only after the thaw that it is paused")
	}
	return took > 100*time.Millisecond // otherwise it was paused before exec looked
}

// others are the names of the container's processes but its init.
func others(t *testing.T, b *kegtest.Bundle) []string {
	t.Helper()
	init, found := initPid(t, b), map[string]bool{}
	for _, dir := range cgroups(t, init) {
		for _, pid := range strings.Fields(read(t, filepath.Join(dir, "cgroup.procs"))) {
			if name, err := os.ReadFile("/proc/" + pid + "/comm"); err == nil && pid != strconv.Itoa(init) {
				found[strings.TrimSpace(string(name))] = true
			}
		}
	}
	return slices.Collect(maps.Keys(found))
}
