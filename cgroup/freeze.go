package cgroup

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

// freezeTimeout bounds Freeze: a process in an uninterruptible wait
// does not freeze before that ends.
const freezeTimeout = 5 * time.Second

// Freeze stops every process in the cgroups and their sub-cgroups, and waits
// until all of them have stopped. If one does not, all go on, and the error
// names it. It refuses cgroups that the caller is in itself.
//
// With a v1 freezer that freezes, in hybrid mode too, so that there is one
// place where a container is paused.
func (c *Cgroup) Freeze() error {
	if err := ownCgroup(c.dirs); err != nil {
		return err
	}
	d, fd, err := c.openFreezer()
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	err = freezeAndWait(fd, d)
	if err == nil {
		return nil
	}
	thawed := setFrozen(fd, d, false)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = &os.PathError{Op: "freeze", Path: d.Name(), Err: unfrozen{c.uninterruptible()}}
	}
	return errors.Join(err, ignoreGone(thawed))
}

func (c *Cgroup) openFreezer() (Dir, int, error) {
	d, ok := c.dirOf("freezer")
	if !ok {
		return d, -1, &unknownController{"freezer"}
	}
	fd, err := linux.OpenCgroup(cwd, d.Name())
	return d, fd, err
}

func freezeAndWait(fd int, d Dir) error {
	if err := setFrozen(fd, d, true); err != nil {
		return err
	}
	deadline := time.Now().Add(freezeTimeout)
	if d.V2() {
		return awaitEvents(fd, "frozen 1\n", deadline)
	}
	w := &wait{deadline, 100 * time.Microsecond}
	for {
		state, err := linux.ReadCgroupFile(fd, "freezer.state", make([]byte, 0, 512))
		if err != nil || bytes.HasPrefix(state, []byte("FROZEN")) {
			return err
		}
		if !w.again() {
			return os.ErrDeadlineExceeded
		}
		// A process that was on its way out of a wait which cannot be frozen is
		// asked once more: freezer-subsystem.rst
		if err := setFrozen(fd, d, true); err != nil {
			return err
		}
	}
}

// setFrozen freezes or thaws the cgroup fd, of d's hierarchy. Where that has
// no freezer there is nothing to do.
func setFrozen(fd int, d Dir, frozen bool) error {
	file, values := "", [2]string{}
	switch {
	case d.V2():
		file, values = "cgroup.freeze", [2]string{"0", "1"}
	case d.Has("freezer"):
		file, values = "freezer.state", [2]string{"THAWED", "FROZEN"}
	default:
		return nil
	}
	value := values[0]
	if frozen {
		value = values[1]
	}
	return linux.WriteCgroupFile(fd, file, []byte(value))
}

// freezeV1 stops what is in the v1 cgroups. It does not wait until all of it
// has stopped: no new process escapes from a cgroup that is freezing.
func (c *Cgroup) freezeV1() error {
	for _, d := range c.dirs {
		if !d.Has("freezer") {
			continue
		}
		fd, err := linux.OpenCgroup(cwd, d.Name())
		if err == nil {
			err = setFrozen(fd, d, true)
			syscall.Close(fd)
		}
		if ignoreGone(err) != nil {
			return err
		}
	}
	return nil
}

// awaitEvents waits until cgroup.events has a line. The kernel tells of every
// change of the file.
func awaitEvents(fd int, line string, deadline time.Time) error {
	events, err := linux.OpenCgroupFile(fd, "cgroup.events")
	if err != nil {
		return err
	}
	defer syscall.Close(events)
	buf := make([]byte, 256)
	for {
		text, err := linux.ReadCgroupFD(events, buf)
		if err != nil || strings.Contains(string(text), line) {
			return err
		}
		if err := linux.Poll([]linux.PollFD{{Fd: int32(events), Events: linux.POLLPRI}}, deadline); err != nil {
			return err
		}
	}
}

// unfrozen names the processes that do not freeze.
type unfrozen struct{ pids []int }

func (e unfrozen) Error() string {
	if len(e.pids) == 0 {
		return fmt.Sprintf("not all of its processes have stopped within %v; they run on", freezeTimeout)
	}
	return fmt.Sprintf("processes %v are in a wait of the kernel that cannot be interrupted, and have not stopped within %v; all run on", e.pids, freezeTimeout)
}

// uninterruptible lists the processes that have a thread in state D, and do not
// leave it. It is asked after the thaw: a v1 freezer shows what it holds as D
// too.
func (c *Cgroup) uninterruptible() []int {
	pids, _ := c.Procs(true)
	for w := newWait(20 * time.Millisecond); ; {
		pids = slices.DeleteFunc(pids, func(pid int) bool { return !hasThreadInD(pid) })
		if len(pids) == 0 || !w.again() {
			return pids
		}
	}
}

func hasThreadInD(pid int) bool {
	threads, _ := linux.Threads(pid)
	for _, tid := range threads {
		if thread, err := linux.ProcStat(tid); err == nil && thread.State == 'D' {
			return true
		}
	}
	return false
}
