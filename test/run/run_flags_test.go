package run

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// foreground is `keg run` of the bundle as a command, not yet started.
func foreground(t *testing.T, b *kegtest.Bundle, flags ...string) *exec.Cmd {
	t.Helper()
	b.Spec.Linux.Resources = nil
	b.Write()
	args := append([]string{"--root", b.Root, "run", "--bundle", b.Dir}, flags...)
	return exec.Command(kegtest.Keg(t), append(args, b.ID())...)
}

func TestStandardInput(t *testing.T) {
	cmd := foreground(t, kegtest.NewBundle(t, "tr", "a-z", "A-Z"))
	cmd.Stdin = strings.NewReader(strings.Repeat("abc\n", 100_000))
	if r := kegtest.Finish(t, cmd); r.Stdout != strings.Repeat("ABC\n", 100_000) || r.Stderr != "" {
		t.Errorf("exit status %d, %d bytes, %q", r.Code, len(r.Stdout), r.Stderr)
	}
}

func TestSignaledStatus(t *testing.T) {
	// A pid 1 ignores what it has no handler for, but not the kernel's kill.
	for signal, want := range map[string]int{"KILL": 137, "TERM": 143, "SEGV": 139} {
		b := kegtest.NewBundle(t, "sh", "-c", "kill -"+signal+" $$")
		if b.Spec.Linux.Namespaces = slices.DeleteFunc(b.Spec.Linux.Namespaces, isPID); os.Geteuid() != 0 {
			b.Spec.Mounts = bindProc(b.Spec.Mounts)
		}
		if r := b.Run(); r.Code != want {
			t.Errorf("SIG%s: exit status %d, want %d\n%s", signal, r.Code, want, r.Stderr)
		}
	}
}

func TestSignalsAreForwarded(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGWINCH} {
		name := strings.ToUpper(signalNames[signal])
		b := kegtest.NewBundle(t, "sh", "-c", `trap 'echo got it; exit 42' `+name+`; echo ready; i=0; while [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done`)
		cmd := foreground(t, b)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, len("ready\n"))); err != nil {
			t.Fatal(err)
		}
		cmd.Process.Signal(signal)
		text, _ := io.ReadAll(out)
		cmd.Wait()
		if string(text) != "got it\n" || cmd.ProcessState.ExitCode() != 42 {
			t.Errorf("SIG%s: exit status %d, %q", name, cmd.ProcessState.ExitCode(), text)
		}
	}
}

var signalNames = map[syscall.Signal]string{
	syscall.SIGTERM: "term", syscall.SIGHUP: "hup", syscall.SIGUSR1: "usr1", syscall.SIGINT: "int",
	syscall.SIGQUIT: "quit", syscall.SIGWINCH: "winch",
}

func TestPreservedDescriptors(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", "cat <&3; cat <&4; ls /proc/self/fd | tr '\\n' ' '")
	cmd := foreground(t, b, "--preserve-fds", "2")
	for _, text := range []string{"three ", "four "} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		w.WriteString(text)
		w.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, r)
	}
	// The shell's child has the directory as its own 5.
	if r := kegtest.Finish(t, cmd); r.Stdout != "three four 0 1 2 3 4 5 " {
		t.Errorf("exit status %d, %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

// Without the flag nothing beyond standard error reaches the container,
// whatever the caller has left open.
func TestDescriptorsAreNotInherited(t *testing.T) {
	cmd := foreground(t, kegtest.NewBundle(t, "sh", "-c", "ls /proc/self/fd | tr '\\n' ' '"))
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for range 60 {
		cmd.ExtraFiles = append(cmd.ExtraFiles, null)
	}
	if r := kegtest.Finish(t, cmd); r.Stdout != "0 1 2 3 " {
		t.Errorf("exit status %d, %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

func TestPreservedDescriptorMissing(t *testing.T) {
	cmd := foreground(t, kegtest.NewBundle(t, "true"), "--preserve-fds", "2")
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	cmd.ExtraFiles = []*os.File{null}
	want := "keg: --preserve-fds: file descriptor 4 is not open: pass it to keg, or fewer of them\n"
	if r := kegtest.Finish(t, cmd); r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d, %q, want %q", r.Code, r.Stderr, want)
	}
}

// A caller that has closed its streams.
func TestClosedStreams(t *testing.T) {
	for _, closed := range []string{"<&-", ">&-", "2>&-", "<&- >&- 2>&-"} {
		b := kegtest.NewBundle(t, "sh", "-c", "exit 9")
		cmd := foreground(t, b)
		r := kegtest.Finish(t, shell(`exec "$@" `+closed, cmd.Args...))
		if r.Code != 9 {
			t.Errorf("%s: exit status %d, %q", closed, r.Code, r.Stderr)
		}
	}
}

func TestKeyring(t *testing.T) {
	for _, c := range []struct {
		flags []string
		own   bool
	}{{nil, true}, {[]string{"--no-new-keyring"}, false}} {
		b := kegtest.NewBundle(t, "cat", "/proc/keys")
		b.Spec.Linux.MaskedPaths = nil
		if got := strings.Contains(b.Output(c.flags...), " _ses."+b.ID()+"."); got != c.own {
			t.Errorf("%q: a session keyring of its own: %v, want %v", c.flags, got, c.own)
		}
	}
}

// Digits alone, as engines read it, relative to the caller's directory.
func TestPidFile(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", "sleep 0.3")
	cmd := foreground(t, b, "--pid-file", "sub/the.pid")
	cmd.Dir = kegtest.TempDir(t)
	if err := os.Mkdir(filepath.Join(cmd.Dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if r := kegtest.Finish(t, cmd); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	if got := read(t, filepath.Join(cmd.Dir, "sub/the.pid")); !regexp.MustCompile(`^\d+$`).MatchString(got) {
		t.Errorf("%q", got)
	}
	entries, err := os.ReadDir(filepath.Join(cmd.Dir, "sub"))
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside it: %v, %v", entries, err)
	}
}

func TestPidFileCannotBeWritten(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", "echo started")
	r := kegtest.Finish(t, foreground(t, b, "--pid-file", "/nowhere/pid"))
	if r.Code != 1 || r.Stderr != "keg: --pid-file /nowhere/pid: no such file or directory\n" {
		t.Errorf("exit status %d, %q", r.Code, r.Stderr)
	}
	if r := b.Keg("list", "-q"); r.Stdout != "" {
		t.Errorf("left: %q", r.Stdout)
	}
}

func TestKeep(t *testing.T) {
	b := kegtest.NewBundle(t, "true")
	b.Output("--keep")
	if r := b.Keg("state", b.ID()); !strings.Contains(r.Stdout, `"status": "stopped"`) && !strings.Contains(r.Stdout, `"status":"stopped"`) {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	if r := b.Keg("delete", b.ID()); r.Code != 0 {
		t.Error(r.Stderr)
	}
	b.Output()
	if r := b.Keg("state", b.ID()); r.Code == 0 || !strings.Contains(r.Stderr, "does not exist") {
		t.Errorf("without --keep it is still there: %s", r.Stdout)
	}
}

// A daemon of a container without a pid namespace becomes keg's child. Its
// end does not end keg, and it is reaped.
func TestOrphansAreReaped(t *testing.T) {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "sh", "-c", "(sh -c 'exit 3' &); (sleep 0.1; exit 4) & sleep 0.4; cat /proc/*/stat 2>/dev/null | grep -c ') Z '; exit 5")
	b.Spec.Linux.Namespaces = slices.DeleteFunc(b.Spec.Linux.Namespaces, isPID)
	r := b.Run()
	if r.Code != 5 {
		t.Errorf("exit status %d, %q", r.Code, r.Stderr)
	}
}

// What a container without a pid namespace leaves behind ends with it.
func TestDaemonsEndWithTheContainer(t *testing.T) {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "sh", "-c", "sleep 77 >/dev/null 2>&1 & echo $!")
	b.Spec.Linux.Namespaces = slices.DeleteFunc(b.Spec.Linux.Namespaces, isPID)
	pid := strings.TrimSpace(b.Output())
	for range 1200 {
		if _, err := os.Stat("/proc/" + pid); err != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("still there: %s", read(t, "/proc/"+pid+"/stat"))
}
