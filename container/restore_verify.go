package container

import (
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// verify holds what CRIU has made against the configuration, while it stands
// still for the last time: what images say of a filter, of capabilities or of
// namespaces is theirs, and they may be older than the configuration, or forged.
// CRIU would go on if it were refused that, so keg ends the processes itself.
func (r *restoring) verify() error {
	pids, err := r.processes()
	if err != nil {
		return err
	}
	c, err := r.confinement()
	for _, pid := range pids {
		if err == nil {
			err = c.check(pid)
		}
	}
	if err == nil && !slices.Contains(pids, r.state.Pid) {
		err = fmt.Errorf("process %d, the first that CRIU has made, is gone", r.state.Pid)
	}
	if err != nil {
		return errors.Join(err, r.end(pids))
	}
	r.verified = true
	return nil
}

// processes are those below the first one, and what else is in the container's
// cgroups, but CRIU itself and what helps it.
func (r *restoring) processes() ([]int, error) {
	all, err := allProcesses()
	if err != nil {
		return nil, err
	}
	var inside []int
	if r.cgroup != nil {
		if inside, err = r.cgroup.Procs(true); err != nil {
			return nil, err
		}
	}
	parents := parentsOf(all)
	var list []int
	for _, pid := range all {
		_, there := parents[pid]
		ours := slices.Contains(inside, pid) && !descends(parents, pid, r.server.Pid())
		if there && (ours || descends(parents, pid, r.state.Pid)) {
			list = append(list, pid)
		}
	}
	return list, nil
}

// end kills processes that stand still, and so are still the ones that they were.
func (r *restoring) end(pids []int) error {
	var errs []error
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			errs = append(errs, fmt.Errorf("kill %d: %w", pid, err))
		}
	}
	if r.cgroup != nil {
		errs = append(errs, r.cgroup.Kill()) // CRIU, too: nothing of what it could do yet is wanted
	}
	return errors.Join(errs...)
}

// confinement is what is asked of each process.
func (r *restoring) confinement() (*confinement, error) {
	in, err := r.planInput()
	if err != nil {
		return nil, err
	}
	c := &confinement{Confinement: plan.ConfinementOf(in), init: r.state.Pid}
	c.relabel(r.flags.LSMProfile)
	for _, f := range r.joined {
		var st linux.FileStat
		if err := linux.Stat(f, &st); err != nil {
			return nil, err
		}
		c.joined = append(c.joined, st.Ino)
	}
	return c, c.readOwn(r.server.Pid())
}
