// Package terminal tests containers that have a terminal: through a pty, as a
// person has it, and through a console socket, as an engine has it.
package terminal

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// bundle is a container with a terminal whose shell runs the script.
func bundle(t *testing.T, args ...string) *kegtest.Bundle {
	t.Helper()
	b := kegtest.NewBundle(t, args...)
	b.Spec.Process.Terminal = true
	b.Spec.Root.Readonly = false
	b.Spec.Linux.Resources = nil
	b.Spec.Process.Env = append(b.Spec.Process.Env, "PS1=box-")
	for _, a := range []string{"tty", "stty", "vi", "less"} {
		if err := os.Symlink("busybox", filepath.Join(b.Dir, "rootfs/bin", a)); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// on runs a script on a terminal, with KEG for `keg --root R` and ID for the
// container's name.
func on(t *testing.T, b *kegtest.Bundle, script string) *kegtest.Terminal {
	t.Helper()
	b.Write()
	return kegtest.OnTerminal(t, "bash", "-mc", words(t, b, script))
}

func words(t *testing.T, b *kegtest.Bundle, script string) string {
	return strings.NewReplacer("KEG", kegtest.Keg(t)+" --root "+b.Root, "BUNDLE", b.Dir, "ID", b.ID()).Replace(script)
}

const run = "KEG run --bundle BUNDLE ID"

// The program has the terminal as its streams, as its controlling terminal and
// on /dev/console, nothing of keg's, and not the caller's terminal.
func TestWhatTheProgramHas(t *testing.T) {
	b := bundle(t, "sh", "-c", `tty; stat -c 'mode %a owner %u' $(tty); ls /dev/pts | tr '\n' ' '; echo
		test $(stat -c %t:%T:%i /dev/console) = $(stat -c %t:%T:%i $(tty)) && echo same console
		for i in 0 1 2; do readlink /proc/1/fd/$i; done; ls -1 --color=never /proc/1/fd
		echo via tty >/dev/tty; echo via console >/dev/console; cut -d' ' -f5,6,8 /proc/1/stat`)
	x := on(t, b, "stty rows 33 cols 77; "+run)
	x.AsBefore("0")
	out := strings.ReplaceAll(x.Output(), "\r\n", "\n")
	for _, want := range []string{"\n/dev/pts/0\nmode 620 owner 0\n0 ptmx \nsame console\n/dev/pts/0\n/dev/pts/0\n/dev/pts/0\n0\n1\n2\nvia tty\nvia console\n1 1 1\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// A terminal belongs to the user who has it, and stays with the group tty.
func TestOwner(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, "sh", "-c", "stat -c '%u:%g %a' $(tty) /dev/console; echo can write >$(tty)")
	b.Spec.Process.User.UID, b.Spec.Process.User.GID = 1000, 1000
	x := on(t, b, run)
	x.AsBefore("0")
	if out := x.Output(); !strings.Contains(out, "1000:5 620\r\n1000:5 620\r\ncan write\r\n") {
		t.Error(out)
	}
}

// Without process.terminal the program has a session of its own too, and no
// controlling terminal.
func TestSessionWithoutTerminal(t *testing.T) {
	b := bundle(t, "sh", "-c", "cut -d' ' -f6,7 /proc/1/stat; cat /dev/tty 2>&1")
	b.Spec.Process.Terminal = false
	x := on(t, b, run)
	x.AsBefore("1")
	if out := x.Output(); !strings.Contains(out, "\r\n1 0\r\n") || !strings.Contains(out, "'/dev/tty': No such device or address") {
		t.Error(out)
	}
}

func TestSize(t *testing.T) {
	b := bundle(t, "sh", "-c", "trap 'stty size; exit 3' WINCH; stty size; while :; do sleep 0.1; done")
	x := on(t, b, "stty rows 33 cols 77; "+run)
	x.Wait("33 77")
	x.Resize(44, 88)
	x.Wait("44 88")
	x.AsBefore("3")
}

// An interactive shell does job control: Ctrl-Z, fg, Ctrl-C reach its jobs.
func TestJobControl(t *testing.T) {
	x := on(t, bundle(t, "sh"), run)
	x.Wait("box-")
	x.Key("sleep 5101\n")
	x.Foreground("sleep 5101")
	x.Key(kegtest.CtrlZ)
	x.Wait("Stopped")
	x.Key("fg\n")
	x.Foreground("sleep 5101")
	x.Key(kegtest.CtrlC)
	x.Key("echo status-$?\n")
	x.Wait("status-130")
	if strings.Contains(x.Output(), "job control") {
		t.Error(x.Output())
	}
	x.Key("stty raw -echo; exit 7\n")
	x.AsBefore("7")
}

// A program that draws on the whole screen.
func TestEditor(t *testing.T) {
	b := bundle(t, "sh", "-c", "vi /tmp/f; echo status $?; cat /tmp/f")
	x := on(t, b, "stty rows 24 cols 80; "+run)
	x.Wait("/tmp/f")
	x.Key("ifirst line\nsecond\x1b")
	x.Wait("second")
	x.Key(":wq\n")
	x.Wait("first line\r\nsecond\r\n")
	x.AsBefore("0")
}

func waitFor(t *testing.T, what string, ready func() bool) {
	t.Helper()
	for range 6000 {
		if ready() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never came: %s", what)
}

// The last output is shown, however much it is and however fast the end comes.
func TestLastOutput(t *testing.T) {
	for range 5 {
		x := on(t, bundle(t, "sh", "-c", "seq 1 20000; echo last words"), run)
		x.AsBefore("0")
		for _, want := range []string{"\r\n1\r\n2\r\n", "\r\n19999\r\n20000\r\nlast words\r\n"} {
			if !strings.Contains(x.Output(), want) {
				t.Errorf("no %q in what was shown", want)
			}
		}
	}
}

// Whatever ends keg, the terminal is as it was: here below a shell that does
// not mend it.
func TestKilled(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSEGV} {
		b := bundle(t, "sh", "-c", "echo ready; sleep 100")
		b.Write()
		script := filepath.Join(b.Dir, "script")
		if err := os.WriteFile(script, []byte(words(t, b, run+"; cat")), 0o644); err != nil {
			t.Fatal(err)
		}
		x := kegtest.OnTerminal(t, "/bin/sh", "-c", "/bin/busybox ash "+script)
		t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
		before := x.Settings()
		x.Wait("ready")
		waitFor(t, "raw mode", x.Raw)
		syscall.Kill(kegOf(t, b), sig)
		waitFor(t, "the settings of before", func() bool { return x.Settings() == before })
	}
}

// kegOf finds keg's process by its command line.
func kegOf(t *testing.T, b *kegtest.Bundle) int {
	t.Helper()
	lists, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		args := strings.Split(string(text), "\x00")
		if args[0] == kegtest.Keg(t) && strings.Contains(string(text), b.ID()) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(list)))
			return pid
		}
	}
	t.Fatal("no keg runs")
	return 0
}

// A key that suspends reaches a program that takes it; where none does, it
// suspends keg and the program, as it would without a container.
func TestSuspend(t *testing.T) {
	b := bundle(t, "sh", "-c", "echo ready; i=0; while [ $i -lt 300 ]; do echo $i >/tmp/count; i=$((i+1)); sleep 0.02; done; read x; echo got $x; exit 3")
	x := on(t, b, run+"; echo stopped $?; stty -g; read y; fg")
	x.Wait("ready")
	waitFor(t, "raw mode", x.Raw)
	x.Key(kegtest.CtrlZ)
	x.Wait("stopped 14")
	if x.Raw() {
		t.Error("the terminal is raw while keg is stopped")
	}
	count := func() string {
		text, _ := os.ReadFile(filepath.Join(b.Dir, "rootfs/tmp/count"))
		return string(text)
	}
	stopped(t, b)
	before := count()
	time.Sleep(200 * time.Millisecond)
	if after := count(); after != before {
		t.Errorf("the program goes on: %q, %q", before, after)
	}
	x.Key("\n")
	waitFor(t, "raw mode again", x.Raw)
	x.Key("line\n")
	x.Wait("got line")
	x.AsBefore("3")
}

// SIGTSTP from elsewhere does the same.
func TestSuspendedBySignal(t *testing.T) {
	b := bundle(t, "sh", "-c", "echo ready; read x; echo got $x; exit 3")
	x := on(t, b, run+"; echo stopped $?; read y; fg")
	x.Wait("ready")
	waitFor(t, "raw mode", x.Raw)
	syscall.Kill(kegOf(t, b), syscall.SIGTSTP)
	x.Wait("stopped 14")
	if x.Raw() {
		t.Error("the terminal is raw while keg is stopped")
	}
	x.Key("\n")
	waitFor(t, "raw mode again", x.Raw)
	x.Key("line\n")
	x.Wait("got line")
	x.AsBefore("3")
}

// Signals to keg reach the program.
func TestSignals(t *testing.T) {
	b := bundle(t, "sh", "-c", "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.1; done")
	x := on(t, b, run)
	x.Wait("ready")
	waitFor(t, "raw mode", x.Raw)
	syscall.Kill(kegOf(t, b), syscall.SIGTERM)
	x.Wait("caught")
	x.AsBefore("9")
}

// A person who closes the window ends a shell.
func TestClosedWindow(t *testing.T) {
	b := bundle(t, "sh")
	x := on(t, b, run)
	x.Wait("box-")
	waitFor(t, "raw mode", x.Raw)
	keg := kegOf(t, b)
	x.Master.Close()
	waitFor(t, "the end of keg", func() bool { return syscall.Kill(keg, 0) == syscall.ESRCH })
	if r := b.Keg("list", "-q"); r.Stdout != "" {
		t.Errorf("left: %q", r.Stdout)
	}
}

// A file on standard input is typed, and its end ends the program that reads.
func TestFileAsInput(t *testing.T) {
	for _, text := range []string{"one\ntwo\n", "one\ntwo"} {
		b := bundle(t, "sh", "-c", "stty -echo; echo ready; cat; cat; echo the end $?")
		b.Write()
		cmd := exec.Command("sh", "-c", words(t, b, "{ sleep 0.3; printf '"+text+"'; } | "+run))
		if r := kegtest.Finish(t, cmd); !strings.Contains(r.Stdout, "ready\none\ntwo") || !strings.Contains(r.Stdout, "the end 0\n") || r.Code != 0 {
			t.Errorf("%q: status %d, %q, %q", text, r.Code, r.Stdout, r.Stderr)
		}
	}
}

// A reader that goes away hangs the terminal up.
func TestClosedOutput(t *testing.T) {
	b := bundle(t, "sh", "-c", "trap 'exit 5' HUP; while :; do echo line; sleep 0.02; done")
	b.Write()
	cmd := exec.Command("bash", "-c", words(t, b, run+" | head -n 3; echo ${PIPESTATUS[0]}"))
	if r := kegtest.Finish(t, cmd); r.Stdout != "line\nline\nline\n5\n" {
		t.Errorf("%q, %q", r.Stdout, r.Stderr)
	}
}

func TestConsoleSize(t *testing.T) {
	b := bundle(t, "stty", "size")
	b.Spec.Process.ConsoleSize = &oci.Box{Height: 21, Width: 43}
	if out := b.Output(); out != "21 43\n" {
		t.Errorf("%q", out)
	}
}
