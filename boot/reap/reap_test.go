package reap

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var reaper = sync.OnceValues(New)

func newReaper(t *testing.T) *Reaper {
	t.Helper()
	r, err := reaper()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func start(t *testing.T, r *Reaper, script string, stdout ...uintptr) *Child {
	t.Helper()
	c, err := r.Start("/bin/sh", []string{"sh", "-c", script}, &syscall.ProcAttr{Files: append([]uintptr{0}, stdout...)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestStatus(t *testing.T) {
	r := newReaper(t)
	if status := start(t, r, "exit 3").Wait(); status.ExitStatus() != 3 {
		t.Errorf("%v", status)
	}
	c := start(t, r, "exec sleep 1000")
	if err := c.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if status := c.Wait(); status.Signal() != syscall.SIGKILL {
		t.Errorf("%v", status)
	}
	if err := c.Signal(syscall.SIGKILL); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("after its end: %v", err)
	}
}

func TestNoProgram(t *testing.T) {
	_, err := newReaper(t).Start("/no/such/program", []string{"x"}, &syscall.ProcAttr{})
	if !errors.Is(err, syscall.ENOENT) || !strings.Contains(err.Error(), "/no/such/program") {
		t.Error(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	r := newReaper(t)
	var children []*Child
	for i := range 100 {
		children = append(children, start(t, r, "exit "+strconv.Itoa(i)))
	}
	for i, c := range children {
		if status := c.Wait(); status.ExitStatus() != i {
			t.Errorf("%d: %v", i, status)
		}
	}
}

// orphan starts a process whose parent ends before it, and returns its pid.
func orphan(t *testing.T, r *Reaper) int {
	t.Helper()
	told, tell := pipe(t)
	hold, release := pipe(t)
	defer told.Close()
	c := start(t, r, "(read go <&3; exit 7) >&- 2>&- & echo $!", tell.Fd(), tell.Fd(), hold.Fd())
	tell.Close()
	hold.Close()
	c.Wait()
	release.Close()
	text := make([]byte, 16)
	n, err := told.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// What came by reparenting, and ended before it was asked for, is not lost.
func TestAdopt(t *testing.T) {
	r := newReaper(t)
	e := r.Expect()
	defer e.Close()
	pid := orphan(t, r)
	eventually(t, func() bool { return stat(pid) == "Z" })
	c, err := e.Adopt(pid)
	if err != nil {
		t.Fatal(err)
	}
	if status := c.Wait(); status.ExitStatus() != 7 {
		t.Errorf("%v", status)
	}
	if _, err := e.Adopt(pid); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("a second time: %v", err)
	}
	other := start(t, r, "exec sleep 1000") // which 0 and -1 would be, too
	for _, pid := range []int{os.Getppid(), 1 << 22, 0, -1} {
		if _, err := e.Adopt(pid); !errors.Is(err, syscall.ECHILD) {
			t.Errorf("%d, which is no child: %v", pid, err)
		}
	}
	again, err := e.Adopt(other.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Child{other, again} { // nobody who waits is forgotten
		if status := c.Wait(); status.Signal() != syscall.SIGKILL {
			t.Errorf("%v", status)
		}
	}
}

// A panic is told of, and who waits for another child still hears of its end.
func TestPanic(t *testing.T) {
	const helper = "KEG_TEST_PANIC" // the reaper's failure stays with the process
	if os.Getenv(helper) == "" {
		e := newReaper(t).Expect() // this process has one, too
		defer e.Close()
		cmd := exec.Command(os.Args[0], "-test.run=^TestPanic$")
		cmd.Env = append(os.Environ(), helper+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	told := make(chan error, 1)
	r, err := NewGuarded(func(err error) { told <- err })
	if err != nil {
		t.Fatal(err)
	}
	bad := start(t, r, "exec sleep 1000")
	close(bad.done) // once more will be a panic
	if err := syscall.Kill(bad.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-told; !strings.Contains(err.Error(), "panic: close of closed channel") || !strings.Contains(err.Error(), "reap.go") {
		t.Error(err)
	}
	if status := start(t, r, "exit 3").Wait(); status.ExitStatus() != 3 {
		t.Errorf("%v", status)
	}
}

func TestStrangersAreReaped(t *testing.T) {
	r := newReaper(t)
	pid := orphan(t, r)
	eventually(t, func() bool { return stat(pid) == "" })
}

func TestCloseReaps(t *testing.T) {
	r := newReaper(t)
	first, second := r.Expect(), r.Expect()
	pid := orphan(t, r)
	eventually(t, func() bool { return stat(pid) == "Z" })
	first.Close()
	first.Close()
	if got := stat(pid); got != "Z" {
		t.Errorf("%q, with an expectation open", got)
	}
	second.Close()
	if got := stat(pid); got != "" {
		t.Errorf("%q, with no expectation open", got)
	}
}

// Code that waits for its own children does so within an expectation.
func TestOthersWait(t *testing.T) {
	r := newReaper(t)
	for range 50 {
		e := r.Expect()
		c := start(t, r, "exit 1")
		if err := exec.Command("true").Run(); err != nil {
			t.Fatal(err)
		}
		c.Wait()
		e.Close()
	}
}

// A reaper that has nothing to do does nothing.
func TestNoSpin(t *testing.T) {
	newReaper(t)
	before := used(t)
	time.Sleep(300 * time.Millisecond)
	if spent := used(t) - before; spent > 100*time.Millisecond {
		t.Errorf("%v of processor time in 300 ms", spent)
	}
}

func used(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stat is the state of a process: "Z", or "" if there is none.
func stat(pid int) string {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	return rest[:1]
}

func eventually(t *testing.T, what func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !what(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come about")
		}
	}
}
