package cgroup

import (
	"errors"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

// killTimeout bounds Kill and Remove: a process in an uninterruptible wait
// may never go, and is then named.
const killTimeout = 5 * time.Second

// Kill ends every process in the cgroups and their sub-cgroups, also frozen
// ones, and waits until they are gone. It refuses cgroups that the caller is
// in itself.
func (c *Cgroup) Kill() error {
	if err := ownCgroup(c.dirs); err != nil {
		return err
	}
	w := newWait(killTimeout)
	for {
		pids, err := c.Procs(true)
		if err != nil || len(pids) == 0 {
			return err
		}
		if err := c.killOnce(); err != nil {
			return err
		}
		if !w.again() {
			return &os.PathError{Op: "kill", Path: c.holding(), Err: notEmpty{pids}}
		}
	}
}

// killOnce ends what is in the cgroups now. On v2 the kernel does, forks in
// flight included. On v1 they are frozen meanwhile, so that a fork bomb does
// not outrun the list; a frozen process dies when it is thawed.
func (c *Cgroup) killOnce() error {
	for _, d := range c.dirs {
		if !d.V2() {
			continue
		}
		err := writeFile(d.Name()+"/cgroup.kill", "1")
		if ignoreGone(err) != nil {
			return err
		}
	}
	if err := c.freezeV1(); err != nil {
		return err
	}
	if err := c.signalListed(syscall.SIGKILL); err != nil {
		return err
	}
	return thaw(c.dirs)
}

// Signal sends a signal to every process in the cgroups and their sub-cgroups.
// They are frozen meanwhile, so that none escapes by starting another, unless
// that fails: a process in a wait that cannot be interrupted must not keep the
// signal from the others. What was frozen before stays so.
func (c *Cgroup) Signal(sig syscall.Signal) error {
	if err := ownCgroup(c.dirs); err != nil {
		return err
	}
	frozen, err := c.Frozen()
	if err != nil {
		return err
	}
	if frozen || c.Freeze() != nil {
		return c.signalListed(sig)
	}
	return errors.Join(c.signalListed(sig), c.Thaw())
}

// signalListed signals the processes of the list through pidfds. A number from
// the list may have been used again by the time it is opened, so the list is
// read a second time: a process that is on it, under a number whose pidfd was
// opened before, is the one that the pidfd stands for, or the pidfd's is dead.
func (c *Cgroup) signalListed(sig syscall.Signal) error {
	listed, err := c.Procs(true)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(listed, 256) { // few enough for any limit on open files
		if err := c.signalBatch(batch, sig); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cgroup) signalBatch(pids []int, sig syscall.Signal) error {
	fds := make(map[int]int, len(pids))
	defer func() {
		for _, fd := range fds {
			syscall.Close(fd)
		}
	}()
	for _, pid := range pids {
		if fd, err := linux.PidfdOpen(pid); err == nil { // gone otherwise, or the next round's
			fds[pid] = fd
		}
	}
	again, err := c.Procs(true)
	if err != nil {
		return err
	}
	for _, pid := range again {
		fd, ok := fds[pid]
		if !ok {
			continue
		}
		if err := linux.PidfdSignal(fd, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// holding names the first cgroup that has processes.
func (c *Cgroup) holding() string {
	for _, d := range c.dirs {
		if pids, _ := appendPids(nil, d, true); len(pids) > 0 {
			return d.Name()
		}
	}
	return ""
}
