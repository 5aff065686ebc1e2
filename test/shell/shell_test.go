// Package shell tests `keg shell` as a person uses it: roots, options, pipes,
// terminals, and what is left afterwards.
package shell

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// One cache for all tests: they are also tests of its reuse.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "keg-test-cache-")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_CACHE_HOME", dir)
	os.Setenv("XDG_RUNTIME_DIR", dir)
	kegtest.Main(m, func() { os.RemoveAll(dir) })
}

// shell runs a script in a box.
func shell(t *testing.T, script string, flags ...string) kegtest.Result {
	t.Helper()
	args := append([]string{"--root", filepath.Join(t.TempDir(), "state"), "shell"}, flags...)
	return kegtest.Command(t, "", append(args, "--", "sh", "-c", script)...)
}

func expect(t *testing.T, r kegtest.Result, stdout string) {
	t.Helper()
	if r.Code != 0 || strings.TrimSpace(r.Stdout) != stdout {
		t.Errorf("exit status %d, stdout %q, want %q\nstderr: %s", r.Code, r.Stdout, stdout, r.Stderr)
	}
}

func TestExitStatus(t *testing.T) {
	for script, want := range map[string]int{
		"exit 0": 0, "exit 42": 42, "exit 255": 255, "kill -9 $$": 137, "kill -TERM $$": 143,
		"ulimit -c 0; kill -SEGV $$": 139, "sleep 5 & exit 4": 4,
	} {
		if r := shell(t, script); r.Code != want {
			t.Errorf("%s: exit status %d, want %d\n%s", script, r.Code, want, r.Stderr)
		}
	}
}

// As of a shell: 127 for a command that is not there, 126 for one that cannot be
// executed, 1 for what is keg's own.
func TestExitStatusWithoutACommand(t *testing.T) {
	data := kegtest.TempDir(t)
	if err := os.WriteFile(filepath.Join(data, "text"), []byte("text"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "data"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "state")
	for _, c := range []struct {
		want int
		args []string
	}{
		{127, []string{"--", "no-such-command"}}, {127, []string{"--", "/no/such"}},
		{126, []string{"--", "/etc"}}, {126, []string{"-v", data + ":/mnt", "--", "/mnt/data"}}, {126, []string{"-v", data + ":/mnt", "--", "/mnt/text"}},
		{1, []string{"/no/such/root"}}, {1, []string{"--no-such-flag"}},
	} {
		if r := kegtest.Command(t, "", append([]string{"--root", root, "shell"}, c.args...)...); r.Code != c.want {
			t.Errorf("%s: exit status %d, want %d\n%s", c.args, r.Code, c.want, r.Stderr)
		}
	}
}

func TestOptions(t *testing.T) {
	data := kegtest.TempDir(t)
	os.Chmod(data, 0o777)
	expect(t, shell(t, "pwd; hostname; echo $A; id -u", "-w", "/data/new", "--hostname", "box", "-e", "A=b"), "/data/new\nbox\nb\n0")
	expect(t, shell(t, "echo x > /mnt/rw/f && cat /mnt/ro/f; touch /mnt/ro/g 2>/dev/null || echo refused", "-v", data+":/mnt/rw", "-v", data+":/mnt/ro:ro"), "x\nrefused")
	expect(t, shell(t, "touch /x 2>/dev/null || echo refused; touch /tmp/x", "--read-only"), "refused")
	expect(t, shell(t, "ls /sys/class/net"), "lo")
	expect(t, shell(t, "stat -c %i / /.. | uniq | wc -l; grep -c ' / / ' /proc/self/mountinfo"), "1\n1")
	host, _ := os.ReadDir("/sys/class/net")
	expect(t, shell(t, "ls /sys/class/net | wc -l", "--net", "host"), strconv.Itoa(len(host)))
}

// Every namespace differs from the caller's.
func TestNamespaces(t *testing.T) {
	r := shell(t, "cd /proc/self/ns; for n in cgroup ipc mnt net pid time user uts; do readlink $n; done")
	inside := strings.Fields(r.Stdout)
	if len(inside) != 8 {
		t.Fatalf("%+v", r)
	}
	for _, ns := range inside {
		kind, _, _ := strings.Cut(ns, ":")
		if own, _ := os.Readlink("/proc/self/ns/" + kind); own == ns || own == "" {
			t.Errorf("%s is the caller's", ns)
		}
	}
}

func TestNothingSticks(t *testing.T) {
	expect(t, shell(t, "echo x > /etc/mark; rm /bin/ls; cat /etc/mark"), "x")
	expect(t, shell(t, "test -e /etc/mark || ls -d /bin/ls"), "/bin/ls")
	keep := filepath.Join(kegtest.TempDir(t), "kept")
	expect(t, shell(t, "echo x > /etc/mark", "--keep", keep), "")
	expect(t, shell(t, "cat /etc/mark", "--keep", keep), "x")
}

func TestRoots(t *testing.T) {
	dir := kegtest.Rootfs(t)
	expect(t, shell(t, "echo dir > /data/f; cat /data/f", dir), "dir")
	if got, _ := os.ReadFile(filepath.Join(dir, "data/f")); string(got) != "dir\n" {
		t.Errorf("a directory is used as it is: %q", got)
	}
	for _, flag := range []string{"", "z", "--zstd"} {
		archive := filepath.Join(t.TempDir(), "root.tar")
		args := []string{"-cf", archive, "-C", dir, "."}
		if flag == "z" {
			args = append([]string{"-z"}, args...)
		} else if flag != "" {
			args = append([]string{flag}, args...)
		}
		if out, err := exec.Command("tar", args...).CombinedOutput(); err != nil {
			t.Fatalf("tar: %v\n%s", err, out)
		}
		for range 2 { // the second is from the cache, and has none of the first's changes
			expect(t, shell(t, "cat /data/f; echo changed > /data/f", archive), "dir")
		}
	}
}

func TestHost(t *testing.T) {
	name := "/usr/keg-test-mark"
	r := shell(t, "cat /etc/os-release | head -1; touch "+name+" /tmp/x && echo written; grep -c /lower /proc/self/mountinfo || true", "--host")
	release, _ := os.ReadFile("/etc/os-release")
	first, _, _ := strings.Cut(string(release), "\n")
	want := first + "\nwritten\n0\n"
	if r.Code != 0 || r.Stdout != want {
		t.Errorf("got %+v, want %q", r, want)
	}
	if _, err := os.Stat(name); err == nil {
		os.Remove(name)
		t.Error("written to this machine")
	}
}

func TestFilter(t *testing.T) {
	r := kegtest.Command(t, "one two three\n", "--root", filepath.Join(t.TempDir(), "s"), "shell", "--", "wc", "-w")
	expect(t, r, "3")
}

func TestSignalsReachTheProgram(t *testing.T) {
	for sig, want := range map[syscall.Signal]string{syscall.SIGTERM: "term", syscall.SIGINT: "int", syscall.SIGUSR1: "usr1"} {
		r, w, _ := os.Pipe()
		cmd := exec.Command(kegtest.Keg(t), "--root", filepath.Join(t.TempDir(), "s"), "shell", "--", "sh", "-c",
			"trap 'echo term; exit' TERM; trap 'echo int; exit' INT; trap 'echo usr1; exit' USR1; echo ready; while :; do sleep 0.05; done")
		cmd.Stdout, cmd.Stderr = w, os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		line := make([]byte, 64)
		r.Read(line)
		cmd.Process.Signal(sig)
		n, _ := r.Read(line)
		if got := strings.TrimSpace(string(line[:n])); got != want {
			t.Errorf("%v: %q", sig, got)
			cmd.Process.Kill()
		}
		cmd.Wait()
		r.Close()
	}
}

// keg killed: its box ends with it, and the next one removes the rest.
func TestKilled(t *testing.T) {
	root := filepath.Join(t.TempDir(), "state")
	r, w, _ := os.Pipe()
	cmd := exec.Command(kegtest.Keg(t), "--root", root, "shell", "--", "sh", "-c", "echo ready; sleep 1000")
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if n, _ := r.Read(make([]byte, 64)); n == 0 {
		t.Fatal("never started")
	}
	cmd.Process.Kill()
	cmd.Wait()
	r.SetReadDeadline(time.Now().Add(time.Minute))
	if n, err := r.Read(make([]byte, 64)); n != 0 || os.IsTimeout(err) {
		t.Error("the program outlives keg")
	}
	// The program has ended; the init above it ends as soon as it is scheduled.
	var left []os.DirEntry
	for range 600 {
		kegtest.Command(t, "", "--root", root, "shell", "--", "true")
		if left, _ = os.ReadDir(root); len(left) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("left in the state directory: %v", left)
}

func TestTwoAtATime(t *testing.T) {
	done := make(chan kegtest.Result, 4)
	for range cap(done) {
		go func() {
			cmd := exec.Command(kegtest.Keg(t), "shell", "--", "sh", "-c", "echo x > /f; sleep 0.2; cat /f")
			out, err := cmd.Output()
			code := 0
			if err != nil {
				code = 1
			}
			done <- kegtest.Result{Stdout: string(out), Code: code}
		}()
	}
	for range cap(done) {
		expect(t, <-done, "x")
	}
}
