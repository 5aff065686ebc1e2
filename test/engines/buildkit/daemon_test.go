// Package buildkit builds Dockerfiles with buildkitd, which runs each RUN by its
// OCI worker binary.
package buildkit

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

var programs struct {
	sync.Once
	dir string
	err error
}

func TestMain(m *testing.M) {
	kegtest.Main(m, func() { os.RemoveAll(programs.dir) })
}

// build builds buildkitd and buildctl, which Debian does not have, from the
// module proxy. $KEG_PROGRAMS has them where there is no compiler.
func build() (string, error) {
	if dir := os.Getenv("KEG_PROGRAMS"); dir != "" {
		return dir, nil
	}
	programs.Do(func() {
		if programs.dir, programs.err = os.MkdirTemp("", kegtest.Prefix()); programs.err != nil {
			return
		}
		cmd := exec.Command("go", "-C", "daemon", "build", "-tags", "dfrunsecurity", "-ldflags", "-s -w", "-o", programs.dir+"/",
			"github.com/moby/buildkit/cmd/buildkitd", "github.com/moby/buildkit/cmd/buildctl")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			programs.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	return programs.dir, programs.err
}

// daemon is a buildkitd of the test's own, in mount, network and pid namespaces of
// its own: its /run too, where the runtime keeps state.
type daemon struct {
	dir  string // has its root, its socket, and the builds' context
	bin  string
	pid  int // of buildkitd
	name string
}

const config = `
root = %q
insecure-entitlements = ["network.host", "security.insecure"]
[grpc]
  address = [%q]
[worker.oci]
  enabled = true
  binary = %q
  networkMode = "host"
  defaultCgroupParent = %q
  gc = false
[worker.containerd]
  enabled = false
`

func start(t testing.TB, r engines.Runtime) *daemon {
	t.Helper()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	dir := kegtest.TempDir(t)
	d := &daemon{dir: dir, bin: bin, name: filepath.Base(dir)}
	d.writeContext(t)
	toml := fmt.Sprintf(config, dir+"/root", d.address(), r.Path, "/"+d.name)
	if err := os.WriteFile(dir+"/buildkitd.toml", []byte(toml), 0o644); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(dir + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command("unshare", "--mount", "--propagation", "private", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
		"sh", "-ec", `mount -t tmpfs tmpfs /run; ip link add k0 type veth peer name k1; exec "$0"/buildkitd --config "$1"/buildkitd.toml`, bin, dir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir} // the runtime gets it too
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.stop(t, cmd) })
	d.ready(t, cmd)
	return d
}

func (d *daemon) address() string { return "unix://" + d.dir + "/b.sock" }

// writeContext writes what the Dockerfiles make their base of.
func (d *daemon) writeContext(t testing.TB) {
	t.Helper()
	kegtest.Populate(t, d.dir+"/rootfs")
	if err := os.Mkdir(d.dir+"/context", 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tar", "-C", d.dir+"/rootfs", "-cf", d.dir+"/context/root.tar", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("tar: %v: %s", err, out)
	}
}

// ready waits for the worker, and finds buildkitd.
func (d *daemon) ready(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		out, err := d.buildctl("debug", "workers").CombinedOutput()
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(d.dir + "/log")
			t.Fatalf("buildkitd: %s\n%s", out, log)
		}
		time.Sleep(50 * time.Millisecond)
	}
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
	if err == nil {
		d.pid, err = strconv.Atoi(strings.TrimSpace(string(list)))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (d *daemon) stop(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	left := d.left()
	cmd.Process.Kill() // and with it its namespaces
	cmd.Wait()
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	d.removeCgroups(t)
}

// removeCgroups removes the parent of the containers' cgroups. It is busy until
// the kernel is done with those.
func (d *daemon) removeCgroups(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		below, _ := filepath.Glob(pattern + d.name + "/buildkit")
		dirs, _ := filepath.Glob(pattern + d.name)
		for _, dir := range append(below, dirs...) {
			err := os.Remove(dir)
			for err != nil && time.Now().Before(deadline) {
				time.Sleep(10 * time.Millisecond)
				err = os.Remove(dir)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
}

// left is what the runtime's containers have left: state, cgroups, processes.
func (d *daemon) left() (left []string) {
	for _, pattern := range []string{
		fmt.Sprintf("/proc/%d/root/run/runc/*", d.pid), fmt.Sprintf("/proc/%d/root/run/keg/*", d.pid),
		"/sys/fs/cgroup/" + d.name + "/buildkit/*", "/sys/fs/cgroup/*/" + d.name + "/buildkit/*",
		d.dir + "/root/runc-*/executor/*/rootfs",
	} {
		found, _ := filepath.Glob(pattern)
		for _, path := range found {
			if st, err := os.Stat(path); err == nil && st.IsDir() { // no files of cgroups
				left = append(left, path)
			}
		}
	}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", d.pid))
	if len(children) > 0 {
		left = append(left, "processes "+string(children))
	}
	return left
}

func (d *daemon) buildctl(args ...string) *exec.Cmd {
	return exec.Command(d.bin+"/buildctl", append([]string{"--addr", d.address()}, args...)...)
}

// base begins a Dockerfile.
const base = "FROM scratch AS base\nADD root.tar /\n"

// build builds what is added to the base, and returns what buildctl shows.
func (d *daemon) build(t testing.TB, dockerfile string, flags ...string) (output string, code int) {
	t.Helper()
	cmd, out := d.command(t, dockerfile, flags...)
	defer out.Close()
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return text(t, out), cmd.ProcessState.ExitCode()
}

func text(t testing.TB, f *os.File) string {
	t.Helper()
	data, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<30))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (d *daemon) command(t testing.TB, dockerfile string, flags ...string) (*exec.Cmd, *os.File) {
	t.Helper()
	dir, err := os.MkdirTemp(d.dir, "dockerfile")
	if err == nil {
		err = os.WriteFile(dir+"/Dockerfile", []byte(base+dockerfile), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(dir + "/output")
	if err != nil {
		t.Fatal(err)
	}
	cmd := d.buildctl(append([]string{"build", "--progress", "plain", "--frontend", "dockerfile.v0",
		"--local", "context=" + d.dir + "/context", "--local", "dockerfile=" + dir}, flags...)...)
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

// builds fails unless the build succeeds and shows the words.
func (d *daemon) builds(t testing.TB, dockerfile, words string, flags ...string) {
	t.Helper()
	out, code := d.build(t, dockerfile, flags...)
	if code != 0 || !strings.Contains(out, words) {
		t.Fatalf("exit status %d, want 0 and %q:\n%s", code, words, out)
	}
}

// fails fails unless the build fails with the words.
func (d *daemon) fails(t testing.TB, dockerfile, words string, flags ...string) {
	t.Helper()
	out, code := d.build(t, dockerfile, flags...)
	if code == 0 || !strings.Contains(out, words) {
		t.Fatalf("exit status %d, want another than 0 and %q:\n%s", code, words, out)
	}
}
