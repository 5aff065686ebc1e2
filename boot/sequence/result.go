package sequence

import (
	"syscall"
	"time"
)

// Result is how it went with one bundle.
type Result struct {
	Name    string
	Skipped bool  // it was not its turn any more
	Err     error // it could not be run, or not to its end
	Ended   bool  // its program ran, and has ended
	Status  syscall.WaitStatus
	Left    []int // processes that run on
	Took    time.Duration
}

// OK tells whether all went well.
func (r *Result) OK() bool { return r.Err == nil && r.Ended && r.ExitStatus() == 0 }

// ExitStatus is the program's, or 128+n if signal n has ended it.
func (r *Result) ExitStatus() int {
	if r.Status.Signaled() {
		return 128 + int(r.Status.Signal())
	}
	return r.Status.ExitStatus()
}
