package run

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// detached runs the bundle in the background until the test's end, and returns
// its init's pid.
func detached(t *testing.T, b *kegtest.Bundle, flags ...string) string {
	t.Helper()
	file := filepath.Join(b.Dir, "pid")
	if r := background(t, b, "run", append([]string{"--detach", "--pid-file", file}, flags...)...); r.Code != 0 {
		t.Fatalf("exit status %d\n%s", r.Code, r.Stderr)
	}
	return read(t, file)
}

// background runs a keg command that leaves a container, whose streams are
// files: a pipe would be open as long as the container lives. The container is
// deleted at the test's end.
func background(t *testing.T, b *kegtest.Bundle, command string, flags ...string) kegtest.Result {
	t.Helper()
	b.Write()
	args := append([]string{"--root", b.Root, command, "--bundle", b.Dir}, flags...)
	cmd := exec.Command(kegtest.Keg(t), append(args, b.ID())...)
	var out [2]*os.File
	for i, name := range []string{"stdout", "stderr"} {
		f, err := os.Create(filepath.Join(b.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		out[i] = f
	}
	cmd.Stdout, cmd.Stderr = out[0], out[1]
	t.Cleanup(func() {
		if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
			t.Errorf("delete: %s", r.Stderr)
		}
		// The test is its parent now. Until it is reaped, a pid namespace that it
		// had joined cannot end. pid_namespaces(7)
		if pid, err := os.ReadFile(filepath.Join(b.Dir, "pid")); err == nil {
			n, _ := strconv.Atoi(string(pid))
			syscall.Wait4(n, nil, 0, nil)
		}
	})
	cmd.Run()
	return kegtest.Result{
		Stdout: read(t, filepath.Join(b.Dir, "stdout")), Stderr: read(t, filepath.Join(b.Dir, "stderr")),
		Code: cmd.ProcessState.ExitCode(),
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
