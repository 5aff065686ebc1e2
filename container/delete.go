package container

import (
	"errors"
	"fmt"
	"os"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/resctrl"
	"github.com/keg-project/keg/state"
)

// Delete removes a container that does not run: its cgroup and its directory.
// With force it kills first what lives, and also removes what a killed keg has
// left half-made.
func (c *Container) Delete(force bool) error {
	dir, err := state.Open(c.root, c.id)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Lock(lockTimeout); err != nil {
		return err
	}
	s, err := dir.Read()
	if errors.Is(err, state.ErrNotExist) && force {
		return dir.Remove() // nothing but the directory was made, or is left
	}
	if err != nil {
		return err
	}
	op := state.Delete
	if force {
		op = state.ForceDelete
	}
	if err := allow(op, dir, s); err != nil {
		return err
	}
	h, err := loadHooks(dir, s, "hooks.poststop")
	if err != nil && !force {
		return err
	}
	h.ask(c.Waiting)
	return c.remove(dir, s, h)
}

// remove removes what is left of a container, and calls the poststop hooks.
func (c *Container) remove(dir *state.Dir, s state.State, h *hookCaller) error {
	if err := c.end(dir, s); err != nil {
		return err
	}
	if err := dir.Remove(); err != nil {
		return err
	}
	h.poststop(c.warn)
	return nil
}

func (c *Container) warn(format string, args ...any) {
	if c.Warn != nil {
		c.Warn(format, args...)
	}
}

// end kills what lives of the container and removes its cgroups and
// what else it has on the machine.
func (c *Container) end(dir *state.Dir, s state.State) error {
	ours := noQuestion
	if stopped(s) {
		ours = func() error { return refuseAnothers(dir, s) }
	}
	if err := killInit(s); err != nil {
		return fmt.Errorf("container %q: kill its init: %w", c.id, err)
	}
	if s.Unit != "" {
		if err := ours(); err != nil {
			return err
		}
	}
	if err := stopUnit(s); err != nil {
		return fmt.Errorf("container %q: %w", c.id, err)
	}
	if len(s.Cgroups) > 0 {
		cg, err := cgroupOf(s)
		if err != nil {
			return err
		}
		if err := emptyAndRemove(cg, ours); err != nil {
			return err
		}
	}
	return removeOutside(s)
}

// emptyAndRemove also ends what a container without a pid namespace of its
// own leaves running, if that is the container's.
func emptyAndRemove(cg *cgroup.Cgroup, ours func() error) error {
	err := cg.RemoveVacant()
	if !errors.Is(err, cgroup.ErrNotEmpty) {
		return err
	}
	if err := ours(); err != nil {
		return err
	}
	if err := cg.Kill(); err != nil {
		return err
	}
	return cg.Remove()
}

// removeOutside removes what a container has outside of its directory and its
// cgroups, and what a killed keg has left of writing the pid file.
func removeOutside(s state.State) error {
	if s.PidFile != "" {
		os.Remove(pidFileTemp(s.PidFile, s.ID)) // there rarely is one, and none is worth keeping the container for
	}
	return rdtError(resctrl.Group(s.Resctrl).Remove())
}
