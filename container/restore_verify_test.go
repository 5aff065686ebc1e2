package container

import "testing"

// Before CRIU has said which process is the first there are none to be killed: below
// process 0 are all of the machine.
func TestNoProcesses(t *testing.T) {
	r := &restoring{}
	if pids, err := r.processes(); err == nil || len(pids) > 0 {
		t.Errorf("%d processes, %v", len(pids), err)
	}
	if err := r.halt(); err != nil {
		t.Error(err)
	}
}
