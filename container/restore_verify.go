package container

import (
	"errors"
	"fmt"
	"slices"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// verify holds what CRIU has made against the configuration, while it stands
// still for the last time: what images say of a filter, of capabilities or of
// namespaces is theirs, and they may be older than the configuration, or forged.
// CRIU would go on if it were refused that, so keg ends the processes itself.
func (r *restoring) verify() error {
	if err := r.compare(); err != nil {
		err = errors.Join(err, r.halt())
		if r.cgroup != nil {
			err = errors.Join(err, r.cgroup.Kill()) // CRIU, too: nothing of what it could do yet is wanted
		}
		return err
	}
	r.verified = true
	return nil
}

func (r *restoring) compare() error {
	pids, err := r.processes()
	if err != nil {
		return err
	}
	c, err := r.confinement()
	if err != nil {
		return err
	}
	for _, pid := range pids {
		if err := c.check(pid); err != nil {
			return err
		}
	}
	if !slices.Contains(pids, r.state.Pid) {
		return fmt.Errorf("process %d, the first that CRIU has made, is gone", r.state.Pid)
	}
	return nil
}

// processes are those below the first one, and what else is in the container's
// cgroups, but CRIU itself and what helps it.
func (r *restoring) processes() ([]int, error) {
	if r.init == nil {
		// Below process 0, which is none, is the whole machine.
		return nil, errors.New("CRIU has not said which process is the first")
	}
	all, err := linux.Processes()
	if err != nil {
		return nil, err
	}
	var inside []int
	if r.cgroup != nil {
		if inside, err = r.cgroup.Procs(true); err != nil {
			return nil, err
		}
	}
	parents := linux.ParentsOf(all)
	var list []int
	for _, pid := range all {
		_, there := parents[pid]
		ours := slices.Contains(inside, pid) && !parents.Below(pid, r.server.Pid())
		if there && (ours || parents.Below(pid, r.init.Pid)) {
			list = append(list, pid)
		}
	}
	return list, nil
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
