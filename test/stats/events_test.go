package stats

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// event is a line of `keg events`, as an engine reads it.
type event struct {
	Type, ID string
	Data     *data
}

type data struct {
	CPU struct {
		Usage      struct{ Total, Kernel, User uint64 }
		Throttling struct{ Periods, ThrottledPeriods, ThrottledTime uint64 }
	}
	Memory struct {
		Cache       uint64
		Usage, Swap struct{ Limit, Usage, Max, Failcnt uint64 }
		Raw         map[string]uint64
	}
	Pids  struct{ Current, Limit uint64 }
	Blkio struct {
		IOServiceBytesRecursive []struct {
			Op    string
			Value uint64
		}
	}
}

func measure(t *testing.T, b *kegtest.Bundle) data {
	t.Helper()
	var e event
	line := must(t, b.Keg("events", "--stats", b.ID()))
	if err := json.Unmarshal([]byte(line), &e); err != nil || e.Type != "stats" || e.ID != b.ID() || strings.Count(line, "\n") != 1 {
		t.Fatalf("%v: %s", err, line)
	}
	return *e.Data
}

// following is a `keg events` that runs beside the test.
type following struct {
	cmd    *exec.Cmd
	mu     sync.Mutex
	events []event
	bad    string
	ended  chan struct{}
}

func follow(t *testing.T, b *kegtest.Bundle, flags ...string) *following {
	t.Helper()
	f := &following{ended: make(chan struct{})}
	f.cmd = exec.Command(kegtest.Keg(t), append(append([]string{"--root", b.Root, "events"}, flags...), b.ID())...)
	f.cmd.Stderr = os.Stderr
	out, err := f.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(f.ended)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			f.take(lines.Bytes())
		}
		f.cmd.Wait()
	}()
	t.Cleanup(func() {
		f.cmd.Process.Kill()
		<-f.ended
	})
	return f
}

func (f *following) take(line []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		f.bad = string(line)
	}
	f.events = append(f.events, e)
}

func (f *following) count(kind string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, e := range f.events {
		if e.Type == kind {
			n++
		}
	}
	return n
}

// end waits until keg events has ended by itself.
func (f *following) end(t *testing.T, limit time.Duration) {
	t.Helper()
	select {
	case <-f.ended:
	case <-time.After(limit):
		t.Fatalf("keg events goes on %v after the container's end", limit)
	}
	if code := f.cmd.ProcessState.ExitCode(); code != 0 || f.bad != "" {
		t.Errorf("exit status %d, bad line %q", code, f.bad)
	}
}

// little gives the container 24 MB of memory and no swap.
func little(s *oci.Spec) {
	limit := int64(24 << 20)
	s.Linux.Resources.Memory = &oci.LinuxMemory{Limit: &limit, Swap: &limit}
}

const greedy = "dd if=/dev/zero of=/dev/null bs=200M count=1"

// A process that takes more memory than the container has is killed, and that
// is reported, each time; then the container's end is.
func TestOOM(t *testing.T) {
	kegtest.NeedRoot(t)
	b := running(t, "for i in 1 2 3; do until [ -e /data/$i ]; do sleep 0.02; done; "+greedy+"; echo $? > /data/status$i; done; exec sleep 1000", little)
	f := follow(t, b, "--interval", "50ms")
	within(t, time.Minute, "statistics come", func() bool { return f.count("stats") > 1 }) // it watches since before the first
	if n := f.count("oom"); n > 0 {
		t.Errorf("%d kills reported, and there was none", n)
	}
	rootfs := filepath.Join(b.Dir, "rootfs/data")
	for i, name := range []string{"1", "2", "3"} {
		write(t, filepath.Join(rootfs, name), "")
		within(t, time.Minute, "the process is killed", func() bool {
			text, _ := os.ReadFile(filepath.Join(rootfs, "status"+name))
			return strings.TrimSpace(string(text)) == "137"
		})
		within(t, time.Minute, "the kill is reported", func() bool { return f.count("oom") > i })
	}
	m := measure(t, b).Memory
	if m.Usage.Limit != 24<<20 || m.Usage.Max > 24<<20 {
		t.Errorf("%+v", m.Usage)
	}
	must(t, b.Keg("kill", b.ID(), "KILL"))
	f.end(t, time.Minute)
	if n := f.count("oom"); n < 3 || n > 4 || n > 3 && pureV2() { // v1 counts the end of the cgroup as well
		t.Errorf("%d kills reported, want 3", n)
	}
}

// The kill that ends the container is reported as well, and so by an interval
// that is long.
func TestOOMOfTheInit(t *testing.T) {
	kegtest.NeedRoot(t)
	b := running(t, "until [ -e /data/go ]; do sleep 0.02; done; exec "+greedy, little)
	f := follow(t, b, "--interval=1h")
	within(t, time.Minute, "keg waits", func() bool { return watches(f.cmd.Process.Pid) })
	write(t, filepath.Join(b.Dir, "rootfs/data/go"), "")
	f.end(t, time.Minute)
	if n := f.count("oom"); n < 1 || n > 1 && pureV2() || f.count("stats") != 0 {
		t.Errorf("%+v", f.events)
	}
}

// watches tells whether keg waits in poll(2): the Go runtime has eventfds, and waits
// in epoll_wait(2), before keg watches anything. proc_pid_syscall(5)
func watches(pid int) bool {
	files, _ := filepath.Glob("/proc/" + itoa(pid) + "/task/*/syscall")
	return slices.ContainsFunc(files, func(file string) bool {
		text, _ := os.ReadFile(file)
		number, _, _ := strings.Cut(string(text), " ")
		return slices.Contains([]string{"7", "271", "73"}, number) // poll and ppoll of amd64, ppoll of arm64
	})
}

// What ends without want of memory is not reported as such.
func TestEventsEnd(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, how := range [][]string{{"kill", "KILL"}, {"delete", "-f"}} {
		b := running(t, "exec sleep 1000", little)
		f := follow(t, b, "--interval", "20ms")
		within(t, time.Minute, "statistics come", func() bool { return f.count("stats") > 2 })
		if how[0] == "kill" {
			must(t, b.Keg("kill", b.ID(), how[1]))
		} else {
			must(t, b.Keg("delete", how[1], b.ID()))
		}
		f.end(t, time.Minute)
		if n := f.count("oom"); n != 0 {
			t.Errorf("%v: %d kills for want of memory reported", how, n)
		}
		if last := f.events[len(f.events)-1]; last.Data.Pids.Current == 0 {
			t.Errorf("%v: the last statistics are of what was gone", how)
		}
	}
}

// Who looks late finds the cgroup gone: that is the container's end, and no kill
// for want of memory, though v1 counts it as an event.
func TestEventsLate(t *testing.T) {
	kegtest.NeedRoot(t)
	b := running(t, "exec sleep 1000")
	f := follow(t, b, "--interval", "20ms")
	within(t, time.Minute, "statistics come", func() bool { return f.count("stats") > 0 })
	signal := func(sig syscall.Signal) {
		t.Helper()
		if err := f.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	must(t, b.Keg("delete", "-f", b.ID()))
	other := running(t, counting)
	counts(t, other, 20) // the kernel tells of the end some time later
	signal(syscall.SIGCONT)
	f.end(t, time.Minute)
	if n := f.count("oom"); n != 0 {
		t.Errorf("%d kills for want of memory reported", n)
	}
}

func TestEventsAreInterrupted(t *testing.T) {
	kegtest.NeedRoot(t)
	b := running(t, "exec sleep 1000")
	f := follow(t, b, "--interval", "20ms")
	within(t, time.Minute, "statistics come", func() bool { return f.count("stats") > 0 })
	if err := f.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-f.ended:
	case <-time.After(time.Minute):
		t.Fatal("SIGTERM does not end keg events")
	}
	if f.bad != "" {
		t.Errorf("half a line: %q", f.bad)
	}
	if s := state(t, b); s.Status != "running" {
		t.Errorf("%+v", s)
	}
}

func TestEventsRefuses(t *testing.T) {
	b := bundle(t, "exit 0")
	must(t, b.Keg("run", "-d", "--bundle", b.Dir, b.ID()))
	within(t, time.Minute, "it has ended", func() bool { return state(t, b).Status == "stopped" })
	refused(t, b.Keg("events", b.ID()), "it is stopped: container not running")
	refused(t, b.Keg("events", "--stats", b.ID()), "it is stopped: container not running")
	refused(t, b.Keg("events", "--stats", "keg-test-none"), "does not exist")
	refused(t, b.Keg("events", "--interval", "0", b.ID()), "--interval: must be greater than 0")
}

// A container without a cgroup cannot be measured, and that is said.
func TestEventsWithoutCgroup(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root has cgroups")
	}
	b := running(t, "exec sleep 1000")
	if strings.Contains(read(t, "/proc/"+itoa(state(t, b).Pid)+"/cgroup"), b.ID()) {
		measure(t, b)
		return
	}
	refused(t, b.Keg("events", "--stats", b.ID()), "it has no cgroup, so nothing is counted for it (hint: ")
	refused(t, b.Keg("events", b.ID()), "it has no cgroup")
}
