package container

import (
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/resctrl"
	"github.com/keg-project/keg/state"
)

// Event is something that Events reports.
type Event struct {
	Stats *Stats // nil: the kernel has killed in the container for want of memory
}

// Events reports statistics once in an interval, and every time the kernel
// kills in the container for want of memory. It returns when the container has
// ended, or with the first error of report.
func (c *Container) Events(interval time.Duration, report func(Event) error) error {
	s, err := c.measured()
	if err != nil {
		return err
	}
	w := watch{c: c, interval: interval, report: report, resctrl: resctrl.Group(s.Resctrl)}
	if w.cgroup, err = cgroupOf(s); err != nil {
		return err
	}
	if w.init, err = openInit(s); err != nil {
		return state.Stopped.Allow(state.Measure, c.id)
	}
	defer syscall.Close(w.init)
	if w.oom, err = w.cgroup.WatchOOM(); err != nil {
		c.warn("container %q: kills for want of memory will not be reported: %v", c.id, err)
	} else {
		defer w.oom.Close()
	}
	return w.run()
}

// openInit opens a pidfd of the recorded init, if that still runs.
func openInit(s state.State) (int, error) {
	pidfd, err := linux.PidfdOpen(s.Pid)
	if err != nil {
		return -1, err
	}
	if !state.Alive(s.Pid, s.StartTime) { // asked after the pidfd names the process for good
		syscall.Close(pidfd)
		return -1, syscall.ESRCH
	}
	return pidfd, nil
}

// watch is one run of Events.
type watch struct {
	c        *Container
	cgroup   *cgroup.Cgroup
	resctrl  resctrl.Group
	init     int              // pidfd
	oom      *cgroup.OOMWatch // nil where that cannot be watched
	interval time.Duration
	report   func(Event) error
}

func (w *watch) run() error {
	next := time.Now().Add(w.interval)
	for {
		ended, err := w.wait(next)
		if err != nil {
			return err
		}
		if err := w.reportOOM(); err != nil || ended {
			return err
		}
		if now := time.Now(); now.Before(next) {
			continue
		} else if next = next.Add(w.interval); next.Before(now) { // it was stopped meanwhile
			next = now.Add(w.interval)
		}
		if err := w.reportStats(); err != nil {
			return err
		}
	}
}

// wait returns when there is something to look at, and tells whether the init
// has ended.
func (w *watch) wait(until time.Time) (ended bool, err error) {
	const longest = time.Hour // what poll(2) is told must fit into 32 bits of milliseconds
	if far := time.Now().Add(longest); until.After(far) {
		until = far
	}
	if soon := time.Now().Add(10 * time.Millisecond); w.oom != nil && w.oom.Pending() && until.After(soon) {
		until = soon
	}
	fds := []linux.PollFD{{Fd: int32(w.init), Events: linux.POLLIN}}
	if w.oom != nil {
		fds = append(fds, w.oom.PollFD())
	}
	if err := linux.Poll(fds, until); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return false, err
	}
	return fds[0].Revents != 0, nil
}

func (w *watch) reportOOM() error {
	if w.oom == nil {
		return nil
	}
	killed, err := w.oom.Happened()
	if err != nil || !killed {
		return err
	}
	return w.report(Event{})
}

func (w *watch) reportStats() error {
	stats, err := readStats(w.cgroup, w.resctrl)
	if linux.PidfdWait(w.init, 0) == nil { // what was read may be another's, or nothing
		return nil
	}
	if err != nil {
		return err
	}
	return w.report(Event{&stats})
}
