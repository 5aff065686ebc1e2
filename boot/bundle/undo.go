package bundle

import "errors"

// undo is what takes back what was made, in the order in which that was made.
type undo []func() error

func (u *undo) add(step func() error) { *u = append(*u, step) }

// run goes backwards, and on after a failure: what can be taken back is.
func (u *undo) run() error {
	var errs []error
	for i := len(*u) - 1; i >= 0; i-- {
		errs = append(errs, (*u)[i]())
	}
	*u = nil
	return errors.Join(errs...)
}
