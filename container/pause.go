package container

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/state"
)

// Pause stops all processes of a container where they are, and returns when
// they have stopped. One that is in a wait of the kernel that cannot be
// interrupted is waited for a few seconds; if it does not stop, none does, and
// the error names it.
func (c *Container) Pause() error {
	dir, s, err := c.openFor(state.Pause)
	if err != nil {
		return err
	}
	defer dir.Close()
	cg, err := freezable(state.Pause, s)
	if err != nil {
		return err
	}
	if err := cg.Freeze(); err != nil {
		return freezeError("pause", c.id, err)
	}
	if !state.Alive(s.Pid, s.StartTime) { // it ended meanwhile: nothing is left to resume
		return errors.Join(state.Stopped.Allow(state.Pause, c.id), cg.Thaw())
	}
	return nil
}

// Resume sets the processes of a paused container going again.
func (c *Container) Resume() error {
	dir, s, err := c.openFor(state.Resume)
	if err != nil {
		return err
	}
	defer dir.Close()
	cg, err := freezable(state.Resume, s)
	if err != nil {
		return err
	}
	return freezeError("resume", c.id, cg.Thaw())
}

func freezable(op state.Operation, s state.State) (*cgroup.Cgroup, error) {
	if len(s.Cgroups) == 0 {
		return nil, noCgroup(op, s.ID, "its processes cannot be stopped together")
	}
	return cgroupOf(s)
}

func freezeError(op, id string, err error) error {
	if err == nil {
		return nil
	}
	hint := ""
	if errors.Is(err, fs.ErrPermission) {
		hint = " (hint: only the owner of its cgroup may do that)"
	}
	return fmt.Errorf("cannot %s container %q: %w%s", op, id, err, hint)
}
