package container

import (
	"errors"
	"os/exec"
	"syscall"
	"testing"

	"github.com/keg-project/keg/state"
)

// Who signals a container that was removed meanwhile, and made anew, does not
// mean the new one.
func TestSignalOfAnother(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	start, err := state.StartTime(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	dir, err := state.Create(root, "c")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(dir.Write(state.State{ID: "c", Pid: cmd.Process.Pid, StartTime: start}), dir.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := Load(root, "c")
	if err != nil {
		t.Fatal(err)
	}
	c.Init = 1
	for _, all := range []bool{false, true} {
		if err := c.Signal(syscall.SIGKILL, all); !errors.Is(err, ErrNotRunning) {
			t.Errorf("all %v: %v", all, err)
		}
	}
	c.Init = cmd.Process.Pid
	if err := c.Signal(syscall.SIGTERM, false); err != nil {
		t.Error(err)
	}
	cmd.Wait()
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGTERM {
		t.Errorf("%v", cmd.ProcessState)
	}
}
