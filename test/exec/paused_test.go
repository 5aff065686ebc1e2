package exec

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
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
	within(t, 5*time.Second, "the container holds its init alone", func() bool {
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
	if r := p.end(t, 10*time.Second); r.Code != 9 {
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
		if r := p.end(t, 5*time.Second); r.Code == 0 {
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
	within(t, 5*time.Second, "it is frozen", func() bool { return frozen(f) })
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
// its program or says why not, within seconds, and nothing is left of it.
func TestPausedOnTheWay(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t)
	f := freezerOf(t, b)
	var paused, ran int
	rounds := 12
	if os.Getenv("KEG_SOAK") != "" {
		rounds = 120
	}
	for range rounds {
		p := begin(t, b, b.ID(), "true")
		time.Sleep(time.Duration(rand.IntN(5000)) * time.Microsecond)
		f.freeze(t)
		ended := make(chan struct{})
		go func() { p.cmd.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(time.Second): // the program runs, and is frozen itself
		}
		f.thaw(t)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			t.Fatalf("exec hangs: %s", p.stderr.String())
		}
		switch r := p.cmd.ProcessState.ExitCode(); {
		case r == 0:
			ran++
		case r == 255 && strings.Contains(p.stderr.String(), "it is paused (keg resume "):
			paused++
		default:
			t.Errorf("exit status %d: %s", r, p.stderr.String())
		}
		alone(t, b)
	}
	t.Logf("%d were told that it is paused, %d ran", paused, ran)
	if paused == 0 {
		t.Error("no exec met the pause")
	}
}
