package cgroup

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/keg-project/keg/linux"
)

// OOMWatch tells when the kernel kills in a cgroup for want of memory. On v1 it
// tells, of a cgroup whose OOM killer is off, when memory ran out; and nothing of
// sub-cgroups with limits of their own.
type OOMWatch struct {
	dir    Dir
	events int       // memory.events (v2), or the eventfd (v1); -1: nothing comes any more
	kills  uint64    // as many as were seen
	until  time.Time // v1: when to stop looking for a kill, since the kernel looked for a victim
}

// WatchOOM begins to watch: of what was before nothing is told.
func (c *Cgroup) WatchOOM() (*OOMWatch, error) {
	d, ok := c.dirOf("memory")
	if !ok {
		return nil, &unknownController{"memory"}
	}
	if d.V2() {
		return watchV2(d)
	}
	return watchV1(d)
}

func watchV2(d Dir) (*OOMWatch, error) {
	fd, err := linux.OpenCgroupFile(cwd, d.Name()+"/memory.events")
	if err != nil {
		return nil, err
	}
	w := &OOMWatch{dir: d, events: fd}
	if _, err := w.Happened(); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// watchV1 has the kernel count in an eventfd. cgroup-v1/memory.rst, "OOM
// Control"
func watchV1(d Dir) (*OOMWatch, error) {
	control, err := linux.OpenCgroupFile(cwd, d.Name()+"/memory.oom_control")
	if err != nil {
		return nil, err
	}
	defer syscall.Close(control) // the kernel looks at it once
	event, err := linux.Eventfd()
	if err != nil {
		return nil, err
	}
	line := fmt.Sprintf("%d %d", event, control)
	if err := writeFile(d.Name()+"/cgroup.event_control", line); err != nil {
		syscall.Close(event)
		return nil, err
	}
	w := &OOMWatch{dir: d, events: event}
	text, err := readFile(d.Name() + "/memory.oom_control")
	if err != nil {
		w.Close()
		return nil, err
	}
	w.kills = oomKills(text)
	return w, nil
}

// Close ends the watch.
func (w *OOMWatch) Close() {
	if w.events >= 0 {
		syscall.Close(w.events)
		w.events = -1
	}
}

// PollFD is what to wait for: once it is ready, ask Happened.
func (w *OOMWatch) PollFD() linux.PollFD {
	if w.dir.V2() {
		return linux.PollFD{Fd: int32(w.events), Events: linux.POLLPRI}
	}
	return linux.PollFD{Fd: int32(w.events), Events: linux.POLLIN}
}

// Happened tells whether there was a kill since it was asked last.
func (w *OOMWatch) Happened() (bool, error) {
	switch {
	case w.events < 0:
		return false, nil
	case w.dir.V2():
		return w.happenedV2()
	}
	return w.happenedV1()
}

// happenedV1: the kernel tells that it looks for a victim, again and again while
// one dies, and not that it has killed. So its count of kills is asked for a
// while.
func (w *OOMWatch) happenedV1() (bool, error) {
	told, err := linux.ReadEventfd(w.events)
	if err != nil || told == 0 && !w.Pending() {
		return false, err
	}
	text, err := readFile(w.dir.Name() + "/memory.oom_control")
	switch {
	case gone(err): // which is told of as well
		missed := told > 1 || w.Pending()
		w.until = time.Time{}
		return missed, nil
	case err != nil:
		return false, err
	case strings.Contains(text, "oom_kill_disable 1"):
		return told > 0, nil
	}
	kills := oomKills(text)
	more := kills > w.kills
	w.kills = kills
	if more {
		w.until = time.Time{}
	} else if told > 0 {
		w.until = time.Now().Add(time.Second)
	}
	return more, nil
}

// Pending tells whether to ask Happened again soon, without waiting for PollFD.
func (w *OOMWatch) Pending() bool { return time.Now().Before(w.until) }

func (w *OOMWatch) happenedV2() (bool, error) {
	text, err := linux.ReadCgroupFD(w.events, make([]byte, 512))
	if gone(err) {
		w.Close() // a file that is gone is ready for ever
		return false, nil
	}
	if err != nil {
		return false, err
	}
	kills := oomKills(string(text))
	more := kills > w.kills
	w.kills = kills
	return more, nil
}

// OutOfMemory tells whether the kernel has killed a process in the cgroup for
// want of memory. c may be nil.
func (c *Cgroup) OutOfMemory() bool {
	if c == nil {
		return false
	}
	d, _ := c.dirOf("memory")
	file := "/memory.oom_control"
	if d.V2() {
		file = "/memory.events"
	}
	text, err := readFile(d.Name() + file)
	return err == nil && oomKills(text) > 0
}

// oomKills reads the counter of memory.events, which counts for the cgroups
// below as well, or of memory.oom_control.
func oomKills(events string) uint64 {
	for line := range strings.SplitSeq(events, "\n") {
		if count, ok := strings.CutPrefix(line, "oom_kill "); ok {
			n, _ := strconv.ParseUint(count, 10, 64)
			return n
		}
	}
	return 0
}
