package hooks

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// shell is a hook that a shell runs.
func shell(script string) oci.Hook {
	return oci.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", script}}
}

func within(h oci.Hook, seconds int) oci.Hook {
	h.Timeout = &seconds
	return h
}

func run(t *testing.T, list ...oci.Hook) error {
	t.Helper()
	c := Call{Field: "hooks.prestart", Hooks: list, State: []byte("{}\n"), Start: Here(t.TempDir())}
	return c.Run()
}

func expect(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The hooks are called in their order, and the first that fails is the last.
func TestOrder(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	err := run(t, shell("echo one >> "+log), shell("echo two >> "+log+"; echo why; exit 7"), shell("echo three >> "+log))
	expect(t, err, `hooks.prestart[1]: /bin/sh: exit status 7; it printed "why"`)
	expectFile(t, log, "one\ntwo\n")
}

func TestAllRun(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	var failed []string
	c := Call{Field: "hooks.poststop", Start: Here("/"), Hooks: []oci.Hook{shell("exit 1"), {Path: "/nowhere"}, shell("echo three >> " + log)}}
	c.RunAll(func(err error) { failed = append(failed, err.Error()) })
	expectFile(t, log, "three\n")
	if len(failed) != 2 || !strings.HasPrefix(failed[1], "hooks.poststop[1].path: ") {
		t.Errorf("%q", failed)
	}
}

func expectFile(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil || string(got) != want {
		t.Errorf("%s: %q, %v; want %q", filepath.Base(name), got, err, want)
	}
}

// A state that no pipe takes at once arrives, late, or not at all if the hook
// does not want it.
func TestLargeState(t *testing.T) {
	state := []byte(strings.Repeat("x", 1<<20))
	for _, script := range []string{`sleep 0.1; test $(wc -c) = 1048576`, `exec <&-; sleep 0.1`, `head -c 5 > /dev/null`, `true`} {
		c := Call{Field: "hooks.prestart", Hooks: []oci.Hook{shell(script)}, State: state, Start: Here("/")}
		expect(t, c.Run(), "")
	}
}

// The error shows the end of what was printed, and what the hook has left
// behind may print on.
func TestOutput(t *testing.T) {
	err := run(t, shell("seq 100000; echo end; exit 1"))
	text := err.Error()
	if !strings.HasPrefix(text, `hooks.prestart[0]: /bin/sh: exit status 1; the end of its output: "`) || !strings.HasSuffix(text, `100000\nend"`) {
		t.Errorf("%s", text)
	}
	if len(text) < tailSize || len(text) > 2*tailSize {
		t.Errorf("%d bytes", len(text))
	}
}

func TestOutputFiles(t *testing.T) {
	dir := t.TempDir()
	out, all := filepath.Join(dir, "out"), filepath.Join(dir, "all")
	c := Call{Field: "hooks.prestart", Start: Here("/"), Stdout: out,
		Hooks: []oci.Hook{shell("echo a; echo b >&2"), shell("echo c; echo d >&2; exit 1")}}
	expect(t, c.Run(), `hooks.prestart[1]: /bin/sh: exit status 1; it printed "d"`)
	expectFile(t, out, "a\nc\n")
	c.Stdout, c.Stderr = all, all
	expect(t, c.Run(), `hooks.prestart[1]: /bin/sh: exit status 1`)
	expectFile(t, all, "a\nb\nc\nd\n")
}

// A hook's own end counts, not that of a child that holds its streams.
func TestChildKeepsStreams(t *testing.T) {
	began := time.Now()
	pid := filepath.Join(t.TempDir(), "pid")
	expect(t, run(t, shell("sleep 4327 & echo $! > "+pid)), "")
	expect(t, run(t, shell("yes & echo $! >> "+pid)), "")
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	text, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	pids := strings.Fields(string(text))
	for i, p := range pids {
		n, err := strconv.Atoi(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(n, syscall.SIGKILL); err != nil && i == 0 {
			t.Errorf("a child that was left on purpose: %v", err)
		}
	}
}

// When its time is over all of the hook's session is ended: what ignores
// signals, what is in another process group, what prints all the time.
func TestTimeout(t *testing.T) {
	for name, script := range map[string]string{
		"alone":    `echo MARK; exec sleep 4321`,
		"children": `echo MARK; sleep 4321 & sleep 4321 & wait`,
		"stubborn": `trap '' TERM INT HUP; echo MARK; (trap '' TERM INT HUP; sleep 4321) & sleep 4321`,
		"group":    `exec bash -c 'set -m; echo MARK; sleep 4321 & wait'`,
		"noisy":    `yes MARK & yes MARK & yes MARK & exec yes MARK`,
		"deaf":     `exec >&-; sleep 4321`,
	} {
		t.Run(name, func(t *testing.T) {
			has := false
			for seconds := 1; has != (name != "deaf") || seconds == 1; seconds *= 4 { // a hook may begin late
				began := time.Now()
				err := run(t, within(shell(script), seconds))
				if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("hooks.prestart[0]: /bin/sh: timed out after %d s", seconds)) {
					t.Fatalf("%v", err)
				}
				has = strings.Contains(err.Error(), "MARK")
				if took, least := time.Since(began), time.Duration(seconds)*time.Second; took < least || took > least+time.Minute {
					t.Errorf("it took %v", took)
				}
				if seconds > 16 {
					t.Fatalf("%v", err)
				}
			}
			left, end := []byte("?"), time.Now().Add(time.Minute)
			for len(left) > 0 && time.Now().Before(end) { // what is killed takes a moment to die
				left, _ = exec.Command("pgrep", "-fx", "sleep 4321").Output()
			}
			if len(left) > 0 {
				t.Errorf("left: %s", left)
			}
		})
	}
}

// A stream that is ready all the time does not keep keg from looking at the clock.
func TestAlwaysReady(t *testing.T) {
	zero, err := syscall.Open("/dev/zero", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	w := watch{Process: Process{Pidfd: -1}, streams: &streams{stdin: -1, out: zero}}
	done := make(chan error, 1)
	go func() { done <- w.serve(time.Now().Add(50 * time.Millisecond)) }()
	select {
	case err := <-done:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it goes on and on")
	}
}

// A hook inherits keg's environment only where it has none.
func TestEnvironment(t *testing.T) {
	t.Setenv("KEG_HOOK_TEST", "inherited")
	file := filepath.Join(t.TempDir(), "env")
	for _, tt := range []struct {
		env  []string
		want string
	}{
		{nil, "inherited\n"}, {[]string{}, "\n"}, {[]string{"A=b"}, "\n"}, {[]string{"KEG_HOOK_TEST=own"}, "own\n"},
	} {
		h := shell(`echo "$KEG_HOOK_TEST" > ` + file)
		h.Env = tt.env
		expect(t, run(t, h), "")
		expectFile(t, file, tt.want)
	}
	h := shell("cat /proc/$$/environ > " + file) // the shell itself adds some
	h.Env = []string{}
	expect(t, run(t, h), "")
	expectFile(t, file, "")
}

func TestArguments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "args")
	h := oci.Hook{Path: "/bin/sh", Args: []string{"a name", "-c", `tr '\0' , < /proc/$$/cmdline > ` + file, "x", ""}}
	expect(t, run(t, h), "")
	expectFile(t, file, "a name,-c,"+h.Args[2]+",x,,")
	if got := Args(&oci.Hook{Path: "/bin/true"}); len(got) != 1 || got[0] != "/bin/true" {
		t.Errorf("%q", got)
	}
}

// A hook has three descriptors, a session of its own and no signal blocked,
// whatever keg's caller has left.
func TestClean(t *testing.T) {
	leaked, err := syscall.Open("/", syscall.O_RDONLY, 0) // without O_CLOEXEC
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(leaked)
	block(t, syscall.SIGUSR1)
	dir := t.TempDir()
	file := filepath.Join(dir, "out")
	expect(t, run(t, shell(`exec > `+file+`
		for n in $(seq 0 99); do [ -e /proc/$$/fd/$n ] && echo fd $n; done
		read pid name state ppid group session rest < /proc/$$/stat; [ $pid = $session ] && echo session
		while read key value; do case $key in SigBlk:) echo $key $value;; esac; done < /proc/$$/status`)), "")
	expectFile(t, file, "fd 0\nfd 1\nfd 2\nsession\nSigBlk: 0000000000000000\n")
}

// block blocks a signal in this test's thread.
func block(t *testing.T, sig syscall.Signal) {
	t.Helper()
	runtime.LockOSThread()
	var old uint64
	mask := uint64(1) << (sig - 1)
	const set = 2 // SIG_SETMASK
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 0, uintptr(unsafe.Pointer(&mask)), uintptr(unsafe.Pointer(&old)), 8, 0, 0); errno != 0 {
		t.Fatal(errno)
	}
	t.Cleanup(func() {
		syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, set, uintptr(unsafe.Pointer(&old)), 0, 8, 0, 0)
		runtime.UnlockOSThread()
	})
}

// A bundle that is gone is no reason not to run.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	c := Call{Field: "hooks.poststop", Hooks: []oci.Hook{shell(`test "$(pwd)" = ` + dir)}, Start: Here(dir)}
	expect(t, c.Run(), "")
	c.Hooks, c.Start = []oci.Hook{shell(`test "$(pwd)" = /`)}, Here(dir+"/gone")
	expect(t, c.Run(), "")
}
