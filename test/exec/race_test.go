package exec

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// Fifty at once: none waits for another, and none leaves anything.
func TestParallel(t *testing.T) {
	b := sleeper(t)
	// A command that works on the container holds its lock; exec needs none.
	dir, err := os.Open(b.Root + "/" + b.ID())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			r := b.Keg("exec", b.ID(), "sh", "-c", fmt.Sprintf("echo %d; exit %d", i, i))
			if r.Code != i || r.Stdout != fmt.Sprintf("%d\n", i) || r.Stderr != "" {
				t.Errorf("exec %d: exit status %d, printed %q: %s", i, r.Code, r.Stdout, r.Stderr)
			}
		})
	}
	all.Wait()
	syscall.Flock(int(dir.Fd()), syscall.LOCK_UN)
	// The init, the shell, ls and wc.
	if n := number(t, strings.TrimSpace(sh(t, b, "ls -d /proc/[0-9]* | wc -l"))); n > 4 {
		t.Errorf("%d processes in the container", n)
	}
	if os.Geteuid() == 0 {
		alone(t, b)
	}
}

// The container ends while processes enter it: each of them runs, is killed
// with the container, or learns that the container does not run.
func TestEndOfContainer(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *kegtest.Bundle){
		"delete -f": func(t *testing.T, b *kegtest.Bundle) { must(t, b.Keg("delete", "-f", b.ID())) },
		"kill":      func(t *testing.T, b *kegtest.Bundle) { must(t, b.Keg("kill", b.ID(), "KILL")) },
	} {
		t.Run(name, func(t *testing.T) {
			for range 8 {
				endedMeanwhile(t, end)
			}
		})
	}
}

func endedMeanwhile(t *testing.T, end func(*testing.T, *kegtest.Bundle)) {
	t.Helper()
	b := sleeper(t)
	var list []*background
	for range 4 {
		list = append(list, begin(t, b, b.ID(), "sleep", "1000"))
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
	}
	end(t, b)
	for _, p := range list {
		r := p.end(t, time.Minute)
		gone := strings.Contains(r.Stderr, "container not running") || strings.Contains(r.Stderr, "does not exist")
		if r.Code != 137 && (r.Code != 255 || !gone) {
			t.Errorf("exit status %d: %s", r.Code, r.Stderr)
		}
	}
	must(t, b.Keg("delete", "-f", b.ID()))
}

// The state may name a pid that is another process's by now.
func TestAnothersPid(t *testing.T) {
	b := sleeper(t)
	file := b.Root + "/" + b.ID() + "/state.json"
	text := read(t, file)
	old := fmt.Sprintf(`"pid": %d`, initPid(t, b))
	forged := strings.Replace(text, old, fmt.Sprintf(`"pid": %d`, os.Getpid()), 1)
	if forged == text {
		t.Fatalf("no %s in %s", old, text)
	}
	write(t, file, forged)
	refused(t, b.Keg("exec", b.ID(), "true"), "container not running")
	write(t, file, text)
	in(t, b, "true")
}

// A process that got the init's number is entered by nobody, though it is
// alive and has namespaces of its own.
func TestPidUsedAgain(t *testing.T) {
	kegtest.NeedRoot(t)
	b, other := sleeper(t), sleeper(t)
	file := b.Root + "/" + b.ID() + "/state.json"
	text := read(t, file)
	write(t, file, strings.Replace(text, fmt.Sprintf(`"pid": %d`, initPid(t, b)), fmt.Sprintf(`"pid": %d`, initPid(t, other)), 1))
	defer write(t, file, text)
	r := b.Keg("exec", b.ID(), "readlink", "/proc/self/ns/pid")
	if r.Code == 0 {
		t.Errorf("entered another process's namespaces: %s", r.Stdout)
	}
	refused(t, r, "container not running")
}
