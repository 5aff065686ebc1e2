package hooks

import (
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// start starts a keg command in the background; what it leaves is cleared away. To wait
// for it waits for the init too if there is a stderr, since that may have it.
func start(t *testing.T, s *scene, command string, stderr io.Writer) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(kegtest.Keg(t), "--root", s.Root, command, "--bundle", s.Dir, s.ID())
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}

func wait(t *testing.T, file string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not appear", file)
		}
	}
}

func touch(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
}
