// Package kegtest is what the whole-program tests share: a keg binary, a
// busybox root, bundles, and the proof that nothing is left.
//
// It is not for assertions about one subject: those stand in the tests.
package kegtest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/spec"
)

var build = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("KEG"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "keg-test-bin")
	if err != nil {
		return "", err
	}
	os.Chmod(dir, 0o755)
	path := filepath.Join(dir, "keg")
	cmd := exec.Command("go", "build", "-o", path, "github.com/keg-project/keg/cmd/keg")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// Keg is the path of the keg under test: $KEG, or built from this checkout.
func Keg(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Main runs the tests, removes what Keg built, and fails when mounts, cgroups
// or processes are left that were not there before.
//
// clean runs after the tests, since nothing that TestMain defers does.
func Main(m *testing.M, clean ...func()) {
	if os.Getenv(supervised) == "" {
		os.Exit(supervise())
	}
	before := Leftovers()
	code := m.Run()
	for _, f := range clean {
		f()
	}
	if path, err := build(); err == nil && os.Getenv("KEG") == "" {
		os.RemoveAll(filepath.Dir(path))
	}
	if left := NewLeftovers(before); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "left behind by the tests:\n%s\n", strings.Join(left, "\n"))
		code = 1
	}
	os.Exit(code)
}

// Skip skips the test, or fails it where KEG_MUST_RUN is set: there every
// skip is a hole.
func Skip(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("KEG_MUST_RUN") != "" {
		t.Fatalf("KEG_MUST_RUN is set: "+format, args...)
	}
	t.Skipf(format, args...)
}

// NeedRoot skips tests that only root can run, without regard to KEG_MUST_RUN
// for an ordinary user: those tests are root's.
func NeedRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

var applets = strings.Fields(`sh true false ls cat mount umount id ps sleep echo env hostname stat readlink touch mkdir
	rm ln grep wc head tail dd test chmod chown pwd date ip ifconfig kill nice sync mknod chroot tr sort cut awk sed seq
	find printf unshare nproc ulimit xargs tee od uname which mkfifo setsid su pidof pgrep cp mv df`)

// Rootfs makes a busybox root file system below the test's directory.
func Rootfs(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(TempDir(t), "rootfs")
	Populate(t, dir)
	return dir
}

// Prefix begins the names of directories, containers and cgroups of tests.
// test/mutation has its own, to know what its mutants have left.
func Prefix() string { return cmp.Or(os.Getenv("KEG_TEST_PREFIX"), "keg-test-") }

// TempDir is a directory that container users can reach, unlike t.TempDir's
// under a private parent.
func TempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", Prefix())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	own.Lock()
	defer own.Unlock()
	own.ids = append(own.ids, filepath.Base(dir))
	return dir
}

// Populate makes a busybox root file system in dir.
func Populate(t testing.TB, dir string) {
	t.Helper()
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		Skip(t, "no static busybox: apt-get install busybox-static")
	}
	for _, d := range []string{"bin", "dev", "etc", "proc", "sys", "tmp", "root", "data", "run"} {
		must(t, os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	must(t, os.WriteFile(filepath.Join(dir, "bin/busybox"), busybox, 0o755))
	for _, a := range applets {
		must(t, os.Symlink("busybox", filepath.Join(dir, "bin", a)))
	}
	must(t, os.WriteFile(filepath.Join(dir, "etc/passwd"), []byte("root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "etc/group"), []byte("root:x:0:\nuser:x:1000:\n"), 0o644))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A Bundle is a bundle's directory with a state root of its own.
type Bundle struct {
	t    testing.TB
	Dir  string
	Root string // --root
	Spec *oci.Spec
}

// NewBundle makes a bundle with the default configuration (of an ordinary
// user where the test is one), without a terminal, running the command.
func NewBundle(t testing.TB, args ...string) *Bundle {
	t.Helper()
	dir := TempDir(t)
	Populate(t, filepath.Join(dir, "rootfs"))
	s := spec.Default(os.Geteuid() != 0, os.Geteuid(), os.Getegid(), false)
	s.Process.Terminal = false
	s.Process.Args = args
	return &Bundle{t: t, Dir: dir, Root: filepath.Join(dir, "state"), Spec: s}
}

// Write writes config.json as the Spec is now.
func (b *Bundle) Write() {
	b.t.Helper()
	var buf bytes.Buffer
	must(b.t, spec.Write(&buf, b.Spec))
	must(b.t, os.WriteFile(filepath.Join(b.Dir, "config.json"), buf.Bytes(), 0o644))
}

// Result is what a keg command did.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Keg runs a keg command on the bundle's state root.
func (b *Bundle) Keg(args ...string) Result {
	b.t.Helper()
	return Command(b.t, "", append([]string{"--root", b.Root}, args...)...)
}

// Command runs keg with arguments and standard input.
func Command(t testing.TB, stdin string, args ...string) Result {
	t.Helper()
	cmd := exec.Command(Keg(t), args...)
	cmd.Stdin = strings.NewReader(stdin)
	return Finish(t, cmd)
}

// longest is how long a command may take.
var longest = map[bool]time.Duration{false: time.Minute, true: 5 * time.Minute}[Slow()]

// Finish runs a command to its end, at most a minute, on an emulated machine five.
// Its output goes to files: a pipe would be held open by what the command leaves
// behind, such as the init of a created container.
func Finish(t testing.TB, cmd *exec.Cmd) Result {
	t.Helper()
	stdout, stderr := outputFile(t), outputFile(t)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = 5 * time.Second
	must(t, cmd.Start())
	timer := time.AfterFunc(longest, func() { cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return Result{content(t, stdout), content(t, stderr), cmd.ProcessState.ExitCode()}
}

// outputFile has no name, so nothing is left of it.
func outputFile(t testing.TB) *os.File {
	t.Helper()
	f, err := os.CreateTemp("", "keg-test-out")
	must(t, err)
	must(t, os.Remove(f.Name()))
	return f
}

// content reads a file from its start and closes it.
func content(t testing.TB, f *os.File) string {
	t.Helper()
	defer f.Close()
	data, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<30))
	must(t, err)
	return string(data)
}

// Run writes the config, runs the container in the foreground and returns
// what it printed.
func (b *Bundle) Run(flags ...string) Result {
	b.t.Helper()
	b.Write()
	args := append([]string{"run", "--bundle", b.Dir}, flags...)
	return b.Keg(append(args, b.ID())...)
}

// ID is the container's id, different in every test process.
func (b *Bundle) ID() string { return filepath.Base(b.Dir) }

// Output is what the container printed; the test fails if it failed.
func (b *Bundle) Output(flags ...string) string {
	b.t.Helper()
	r := b.Run(flags...)
	if r.Code != 0 {
		b.t.Fatalf("exit status %d\nstdout: %s\nstderr: %s", r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}
