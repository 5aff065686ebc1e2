// Package checkpoint tests `keg checkpoint` and `keg restore` by their effect: a
// program that counts goes on counting.
//
// It takes a CRIU that works with the kernel: test/vm has one. What is refused
// before CRIU is asked is tested everywhere.
package checkpoint

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "swrk" {
		os.Exit(playCRIU())
	}
	kegtest.Main(m)
}

var criuCheck = sync.OnceValues(func() ([]byte, error) { return exec.Command("criu", "check").CombinedOutput() })

// needCRIU skips tests that take a CRIU that works with this kernel. Debian's is
// too old for kernels as new as CI's own: there it is the virtual machine that
// has these, and fails if it cannot.
func needCRIU(t *testing.T) {
	t.Helper()
	kegtest.NeedRoot(t)
	if _, err := exec.LookPath("criu"); err != nil {
		kegtest.Skip(t, "no criu: run test/setup")
	}
	out, err := criuCheck()
	switch {
	case err != nil && kegtest.Kernel(t, 6, 13):
		t.Skip("this criu is too old for this kernel: test/vm")
	case err != nil:
		t.Fatalf("criu check: %v\n%s", err, out)
	}
}

// box is a container that counts the commands that it is given on its standard
// input, and carries them out.
type box struct {
	*kegtest.Bundle
	t    *testing.T
	in   *os.File
	out  *bufio.Reader
	read *os.File
	criu string // of the tests
}

const counter = `i=0; while read -r command; do i=$((i+1)); eval "$command"; echo "= $i"; done`

// newBox has the host's network: to save one of its own takes a dozen programs.
func newBox(t *testing.T, change ...func(*oci.Spec)) *box {
	t.Helper()
	b := &box{Bundle: kegtest.NewBundle(t, "sh", "-c", counter), t: t}
	var kept []oci.LinuxNamespace
	for _, ns := range b.Spec.Linux.Namespaces {
		if ns.Type != oci.NetworkNamespace {
			kept = append(kept, ns)
		}
	}
	b.Spec.Linux.Namespaces = kept
	for _, f := range change {
		f(b.Spec)
	}
	b.Write()
	t.Cleanup(func() {
		b.hangUp()
		must(t, b.Keg("delete", "-f", b.ID()))
	})
	return b
}

// hangUp closes the test's ends of the pipes.
func (b *box) hangUp() {
	if b.in != nil {
		b.in.Close()
		b.read.Close()
		b.in = nil
	}
}

// begin starts a keg command that has new pipes as its standard streams.
func (b *box) begin(args ...string) *exec.Cmd {
	b.t.Helper()
	b.hangUp()
	theirIn, in := pipe(b.t)
	out, theirOut := pipe(b.t)
	defer theirIn.Close()
	defer theirOut.Close()
	b.in, b.read, b.out = in, out, bufio.NewReader(out)
	cmd := exec.Command(kegtest.Keg(b.t), append([]string{"--root", b.Root}, args...)...)
	stderr, err := os.Create(b.stderr())
	if err != nil {
		b.t.Fatal(err)
	}
	defer stderr.Close()
	if err := stderr.Chmod(0o666); err != nil { // CRIU opens it anew, as the container's root
		b.t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirIn, theirOut, stderr
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	return cmd
}

func (b *box) stderr() string { return filepath.Join(b.Dir, "stderr") }

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// detached runs such a command to its end: the container has the pipes then.
func (b *box) detached(args ...string) {
	b.t.Helper()
	if err := b.begin(args...).Wait(); err != nil {
		b.t.Fatalf("%q: %v\n%s", args, err, read(b.t, b.stderr()))
	}
}

// run runs the container.
func (b *box) run() { b.t.Helper(); b.detached("run", "-d", "--bundle", b.Dir, b.ID()) }

// aside starts a keg command that leaves the container's pipes alone.
func (b *box) aside(args ...string) *exec.Cmd {
	b.t.Helper()
	cmd := exec.Command(kegtest.Keg(b.t), append([]string{"--root", b.Root}, args...)...)
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	return cmd
}

// images is a directory for images.
func (b *box) images(name string) string { return filepath.Join(b.Dir, "images", name) }

// save makes a checkpoint.
func (b *box) save(images string, flags ...string) {
	b.t.Helper()
	args := append([]string{"checkpoint", "--image-path", images}, flags...)
	if r := b.Keg(append(args, b.ID())...); r.Code != 0 || r.Stdout+r.Stderr != "" {
		b.t.Fatalf("checkpoint: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// restore makes the container from images, in the background.
func (b *box) restore(images string, flags ...string) {
	b.t.Helper()
	args := append([]string{"restore", "-d", "--image-path", images, "--bundle", b.Dir}, flags...)
	b.detached(append(args, b.ID())...)
	if said := read(b.t, b.stderr()); strings.Contains(said, "Paths[") {
		b.t.Errorf("restore: %s", said)
	}
}

// do has the program carry out a command, and returns what that has printed; the
// program must have counted to n.
func (b *box) do(n int, command string) string {
	b.t.Helper()
	if _, err := b.in.WriteString(command + "\n"); err != nil {
		b.t.Fatal(err)
	}
	b.read.SetReadDeadline(time.Now().Add(time.Minute))
	var printed strings.Builder
	for {
		line, err := b.out.ReadString('\n')
		if err != nil {
			b.t.Fatalf("%s: %v, after %q; %s", command, err, printed.String(), read(b.t, b.stderr()))
		}
		if count, ok := strings.CutPrefix(line, "= "); ok {
			if count != strconv.Itoa(n)+"\n" {
				b.t.Fatalf("%s: it has counted to %q, want %d", command, count, n)
			}
			return printed.String()
		}
		printed.WriteString(line)
	}
}

// pid is the init's.
func (b *box) pid() int {
	b.t.Helper()
	for line := range strings.Lines(must(b.t, b.Keg("state", b.ID()))) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), `"pid": `); ok {
			pid, err := strconv.Atoi(strings.TrimSuffix(n, ","))
			if err == nil {
				return pid
			}
		}
	}
	b.t.Fatal("no pid")
	return 0
}

// proc reads a file about the init.
func (b *box) proc(name string) string {
	b.t.Helper()
	return read(b.t, filepath.Join("/proc", strconv.Itoa(b.pid()), name))
}

// gone checks that there is no such container, nor a cgroup or mount of it.
func (b *box) gone(before map[string]bool) {
	b.t.Helper()
	if r := b.Keg("list", "-q"); r.Stdout != "" {
		b.t.Errorf("the container is still there: %s", r.Stdout)
	}
	if entries, err := os.ReadDir(b.Root); err != nil || len(entries) > 0 {
		b.t.Errorf("state: %v, %v", entries, err)
	}
	if left := kegtest.NewLeftovers(before); len(left) > 0 {
		b.t.Errorf("left: %s", strings.Join(left, "\n"))
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// appears waits for a file.
func appears(t *testing.T, name string) {
	t.Helper()
	for range 6000 {
		if _, err := os.Stat(name); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s never came", name)
}

// ended waits for a process's end.
func ended(t *testing.T, pid int) {
	t.Helper()
	for range 6000 {
		if !kegtest.Alive(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("process %d does not end", pid)
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
}

func must(t *testing.T, r kegtest.Result) string {
	t.Helper()
	if r.Code != 0 {
		t.Fatalf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}
