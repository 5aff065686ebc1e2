package cgroup

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Remove removes the cgroups with their sub-cgroups. Those above stay, also
// when they were made with them: they belong to whoever named them, may carry
// limits, and are shared. It kills nothing: a cgroup with processes is an
// error, after a wait for those that are about to die.
func (c *Cgroup) Remove() error {
	err := c.RemoveVacant()
	if errors.Is(err, ErrNotEmpty) {
		return removeBusy(c.dirs)
	}
	return err
}

// RemoveVacant is the usual case of Remove: one system call for each cgroup.
// ErrNotEmpty: one of them has processes or sub-cgroups; it and those after it
// are still there.
func (c *Cgroup) RemoveVacant() error {
	for _, d := range c.dirs {
		err := removeLeaf(d)
		if errors.Is(err, syscall.EBUSY) {
			return fmt.Errorf("%w: %s", ErrNotEmpty, d.Name())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// removeBusy removes cgroups that have sub-cgroups, or processes which are
// about to die. A frozen one never does, so all are thawed first.
func removeBusy(dirs []Dir) error {
	if err := thaw(dirs); err != nil {
		return err
	}
	w := newWait(killTimeout)
	for _, d := range dirs {
		err := removeTree(d)
		for errors.Is(err, syscall.EBUSY) && w.again() {
			err = removeTree(d)
		}
		if err != nil {
			return held(d, err)
		}
	}
	return nil
}

// removeLeaf is the usual case: one system call.
func removeLeaf(d Dir) error {
	err := syscall.Rmdir(d.Name())
	if err == nil || err == syscall.ENOENT {
		return nil
	}
	return &os.PathError{Op: "rmdir", Path: d.Name(), Err: err}
}

// removeTree removes the sub-cgroups, then the cgroup.
func removeTree(d Dir) error {
	w, err := walk(d)
	if errors.Is(err, syscall.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	err = w.subs(w.remove)
	w.close()
	if err != nil {
		return err
	}
	return removeLeaf(d)
}

// remove removes a sub-cgroup with those below it.
func (w *walker) remove(name string) error {
	err := linux.RemoveCgroup(w.fd, name)
	if !errors.Is(err, syscall.EBUSY) {
		return ignoreGone(err)
	}
	if err := w.in(name, func() error { return w.subs(w.remove) }); err != nil {
		return err
	}
	return ignoreGone(linux.RemoveCgroup(w.fd, name))
}

// held says what holds a cgroup that could not be removed.
func held(d Dir, err error) error {
	if pids, _ := appendPids(nil, d, true); len(pids) > 0 {
		return &os.PathError{Op: "rmdir", Path: d.Name(), Err: notEmpty{pids}}
	}
	return err
}

// gone tells whether an error means that the cgroup was removed: ENOENT by its
// name, ENODEV by a file of it that was open.
func gone(err error) bool {
	return errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENODEV)
}

func ignoreGone(err error) error {
	if gone(err) {
		return nil
	}
	return err
}
