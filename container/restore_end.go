package container

import (
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// halt ends the processes that CRIU has made so far. That keg gives up does not: at
// its last point CRIU takes neither a refusal nor its caller's end for a reason not
// to let them go on.
func (r *restoring) halt() error {
	if r.init == nil {
		return nil // there is none that keg has heard of
	}
	pids, err := r.processes()
	// The first one whatever comes of the others, which may be in its pid namespace.
	first := r.init.Signal(syscall.SIGKILL)
	if errors.Is(first, syscall.ESRCH) {
		first = nil
	}
	return errors.Join(err, first, r.end(pids))
}

// end kills processes of the list, through pidfds. A number may have been used again
// by the time it is opened, so there is a second list: who is on that under a number
// whose pidfd was opened before is who the pidfd stands for, or the pidfd's is dead.
func (r *restoring) end(pids []int) error {
	var errs []error
	for batch := range slices.Chunk(pids, 256) { // few enough for any limit on open files
		errs = append(errs, r.endBatch(batch))
	}
	return errors.Join(errs...)
}

func (r *restoring) endBatch(pids []int) error {
	fds := map[int]int{}
	defer func() {
		for _, fd := range fds {
			syscall.Close(fd)
		}
	}()
	var errs []error
	for _, pid := range pids {
		fd, err := linux.PidfdOpen(pid)
		switch {
		case err == nil:
			fds[pid] = fd
		case !errors.Is(err, syscall.ESRCH):
			errs = append(errs, fmt.Errorf("kill %d: %w", pid, err))
		}
	}
	still, err := r.processes()
	errs = append(errs, err)
	for _, pid := range still {
		if fd, ok := fds[pid]; ok {
			if err := linux.PidfdSignal(fd, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				errs = append(errs, fmt.Errorf("kill %d: %w", pid, err))
			}
		}
	}
	return errors.Join(errs...)
}
