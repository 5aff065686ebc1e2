package bundle

import (
	"errors"
	"io"
	"os"

	"github.com/keg-project/keg/linux"
)

// undo is what takes back what was made, in the order in which that was made.
type undo struct {
	steps []func() error
	held  []io.Closer // what the steps need; closed once they are done, or need not be
}

func (u *undo) add(step func() error) { u.steps = append(u.steps, step) }

// hold keeps something open for the steps.
func (u *undo) hold(c io.Closer) { u.held = append(u.held, c) }

// addMount is for what was mounted on target: a name may lead elsewhere by then,
// or through a link to where nothing is mounted. The descriptor is of what lies
// below the mount, and does not keep that in use.
func (u *undo) addMount(target *os.File) {
	u.hold(target)
	u.add(func() error {
		defer target.Close() // it keeps the mount below in use, which is the next to go
		return linux.UnmountOn(target)
	})
}

// run goes backwards, and on after a failure: what can be taken back is.
func (u *undo) run() error {
	defer u.drop()
	var errs []error
	for i := len(u.steps) - 1; i >= 0; i-- {
		errs = append(errs, u.steps[i]())
	}
	return errors.Join(errs...)
}

// drop is for when nothing is to be undone any more.
func (u *undo) drop() {
	for _, c := range u.held {
		c.Close()
	}
	*u = undo{}
}
