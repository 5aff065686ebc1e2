package container

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/state"
)

// Start releases a created container's program, and fails when its execve
// does.
func (c *Container) Start() error {
	dir, s, err := c.openFor(state.Start)
	if err != nil {
		return err
	}
	defer dir.Close()
	h, err := loadHooks(dir, s, "hooks.startContainer", "hooks.poststart")
	if err != nil {
		return err
	}
	h.ask(c.Waiting)
	if err := h.call(plan.StartHooks); err != nil {
		return errors.Join(err, killInit(s))
	}
	if err := c.release(dir, s); err != nil {
		return err
	}
	return c.poststart(dir, h)
}

// poststart calls the hooks for which the program runs by now. Without the
// lock: they may be about keg's own commands.
func (c *Container) poststart(dir *state.Dir, h *hookCaller) error {
	if h == nil {
		return nil
	}
	if err := dir.Unlock(); err != nil {
		return err
	}
	if err := h.call(plan.PoststartHooks); err != nil {
		return errors.Join(err, stop(*h.state))
	}
	return nil
}

// release writes the byte that the init waits for, and reads what it reports
// until its execve closes the FIFO.
func (c *Container) release(dir *state.Dir, s state.State) error {
	start, err := openFIFO(dir, state.StartFIFO, os.O_RDWR)
	if err != nil {
		return err
	}
	defer start.Close()
	report, err := openFIFO(dir, execFIFO, os.O_RDONLY|syscall.O_NONBLOCK)
	if err != nil {
		return err
	}
	defer report.Close()
	if !state.Alive(s.Pid, s.StartTime) {
		return fmt.Errorf("container %q: its init has died: %w", c.id, state.ErrNotRunning)
	}
	if _, err := start.Write([]byte{'S'}); err != nil {
		return err
	}
	record, err := io.ReadAll(report)
	if err != nil {
		return err
	}
	if len(record) > 0 {
		// It has closed its files, and is about to end: then it is stopped.
		return errors.Join(c.execFailure(dir, record), killInit(s))
	}
	return errors.Join(dir.Unlink(state.StartFIFO), dir.Unlink(execFIFO))
}

// execFailure names the program that could not be executed: nothing else can
// fail once the init was released.
func (c *Container) execFailure(dir *state.Dir, record []byte) error {
	s, err := recordedSpec(dir)
	if err != nil {
		return err
	}
	return plan.ExecFailure(s.Process.Args[0], record)
}
