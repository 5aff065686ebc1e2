package kegtest

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func started(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	must(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}

// A child has one name until it is reaped, whatever it executes.
func TestChildren(t *testing.T) {
	cmd := exec.Command("sh", "-c", "read x; exec sleep 1000")
	in, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	names := slices.Collect(maps.Keys(children(os.Getpid())))
	if len(names) != 1 {
		t.Fatalf("children: %q", names)
	}
	if got := described(names[0]); !strings.Contains(got, `["sh" "-c"`) || !strings.HasSuffix(got, fmt.Sprintf(", child of %d", os.Getpid())) {
		t.Errorf("before: %q", got)
	}
	fmt.Fprintln(in)
	until(t, func() bool { return strings.Contains(described(names[0]), `: ["sleep" "1000"] (`) })
	check := func() {
		if now := slices.Collect(maps.Keys(children(os.Getpid()))); !slices.Equal(now, names) {
			t.Errorf("%q, and then %q", names, now)
		}
	}
	check()
	must(t, cmd.Process.Kill())
	until(t, func() bool { return strings.Contains(described(names[0]), ", state Z,") })
	check()
	cmd.Wait()
	if left := children(os.Getpid()); len(left) > 0 || described(names[0]) != ": gone by now" {
		t.Errorf("reaped, there are %v, %s", left, described(names[0]))
	}
}

func until(t *testing.T, done func() bool) {
	t.Helper()
	for range 6000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it never comes to that")
}

// One that goes on is found, however many others come and go.
func TestChildrenAmongOthers(t *testing.T) {
	var others sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					exec.Command("true").Run()
				}
			}
		})
	}
	defer others.Wait()
	defer close(stop)
	for range 5 {
		pid := started(t, "sleep", "1000").Process.Pid
		for range 10 {
			found := children(os.Getpid())
			if !slices.ContainsFunc(slices.Collect(maps.Keys(found)), func(name string) bool { return strings.HasPrefix(name, fmt.Sprintf("process %d,", pid)) }) {
				t.Fatalf("%d is not among %v", pid, found)
			}
		}
	}
}
