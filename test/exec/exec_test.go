// Package exec proves what `keg exec` does to a process and to the container
// that it runs it in.
//
// It is not for what the init's plan does as well: both follow one list of
// steps, and test/run is about those.
package exec

import (
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// sleeper is a container that waits to be entered.
func sleeper(t *testing.T, change ...func(*oci.Spec)) *kegtest.Bundle {
	t.Helper()
	b := bundle(t, change...)
	start(t, b)
	return b
}

func bundle(t *testing.T, change ...func(*oci.Spec)) *kegtest.Bundle {
	t.Helper()
	b := kegtest.NewBundle(t, "sleep", "1000")
	b.Spec.Linux.Resources = nil // only a warning for now
	for _, f := range change {
		f(b.Spec)
	}
	return b
}

// start runs the container detached until the test ends.
func start(t *testing.T, b *kegtest.Bundle, flags ...string) {
	t.Helper()
	b.Write()
	deleteAfter(t, b)
	must(t, b.Keg(append(append([]string{"run", "-d", "--bundle", b.Dir}, flags...), b.ID())...))
}

func deleteAfter(t *testing.T, b *kegtest.Bundle) {
	t.Cleanup(func() {
		if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
			t.Error(r.Stderr)
		}
	})
}

func must(t *testing.T, r kegtest.Result) string {
	t.Helper()
	if r.Code != 0 {
		t.Fatalf("exit status %d\nstdout: %s\nstderr: %s", r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// in runs a command in the container, and returns what it printed.
func in(t *testing.T, b *kegtest.Bundle, command ...string) string {
	t.Helper()
	return must(t, b.Keg(append([]string{"exec", b.ID()}, command...)...))
}

// sh is what a shell script printed in the container; flags are exec's.
func sh(t *testing.T, b *kegtest.Bundle, script string, flags ...string) string {
	t.Helper()
	return must(t, b.Keg(slices.Concat([]string{"exec"}, flags, []string{b.ID(), "sh", "-c", script})...))
}

// refused expects exec to fail, in keg's own name and with this text.
func refused(t *testing.T, r kegtest.Result, want string) {
	t.Helper()
	if r.Code != 255 || !strings.Contains(r.Stderr, want) {
		t.Errorf("exit status %d, want 255\nstderr: %swant:   %s", r.Code, r.Stderr, want)
	}
}

// initPid is the container's first process as the host sees it.
func initPid(t *testing.T, b *kegtest.Bundle) int {
	t.Helper()
	_, rest, ok := strings.Cut(must(t, b.Keg("state", b.ID())), `"pid": `)
	digits, _, _ := strings.Cut(rest, ",")
	pid, err := strconv.Atoi(strings.TrimSpace(digits))
	if !ok || err != nil || pid == 0 {
		t.Fatalf("no pid: %q, %v", digits, err)
	}
	return pid
}

// detached runs `exec --detach` and returns the process's pid.
func detached(t *testing.T, b *kegtest.Bundle, command ...string) int {
	t.Helper()
	file := filepath.Join(kegtest.TempDir(t), "pid")
	must(t, b.Keg(append([]string{"exec", "--detach", "--pid-file", file, b.ID()}, command...)...))
	return number(t, read(t, file))
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func proc(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

// status is one line of /proc/PID/status.
func status(t *testing.T, pid int, name string) string {
	t.Helper()
	for line := range strings.Lines(read(t, proc(pid, "status"))) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("no %s", name)
	return ""
}

// within waits until a condition holds.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// background is a keg exec that runs beside the test. Its output goes to files:
// a pipe would be held open by a frozen process.
type background struct {
	cmd            *osexec.Cmd
	stdout, stderr output
}

type output struct{ *os.File }

func (o output) String() string {
	text, _ := io.ReadAll(io.NewSectionReader(o, 0, 1<<20))
	return string(text)
}

func newOutput(t *testing.T) output {
	t.Helper()
	f, err := os.CreateTemp(kegtest.TempDir(t), "output")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return output{f}
}

func begin(t *testing.T, b *kegtest.Bundle, args ...string) *background {
	t.Helper()
	p := &background{stdout: newOutput(t), stderr: newOutput(t)}
	p.cmd = osexec.Command(kegtest.Keg(t), append([]string{"--root", b.Root, "exec"}, args...)...)
	p.cmd.Stdout, p.cmd.Stderr = p.stdout.File, p.stderr.File
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill(); p.cmd.Wait() })
	return p
}

func (p *background) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// end waits for it, and fails the test if that takes longer than limit.
func (p *background) end(t *testing.T, limit time.Duration) kegtest.Result {
	t.Helper()
	hung := time.AfterFunc(limit, func() { p.cmd.Process.Kill() })
	p.cmd.Wait()
	if !hung.Stop() {
		t.Errorf("keg exec did not end within %v: %s", limit, p.stderr.String())
	}
	return kegtest.Result{Stdout: p.stdout.String(), Stderr: p.stderr.String(), Code: p.cmd.ProcessState.ExitCode()}
}

func hex(t *testing.T, text string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
