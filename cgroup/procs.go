package cgroup

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Procs lists the processes in the container's cgroups, sorted; recursive:
// also those in sub-cgroups. It asks every hierarchy: a process inside that
// has moved itself out of one is still in the others.
func (c *Cgroup) Procs(recursive bool) ([]int, error) {
	var pids []int
	for _, d := range c.dirs {
		var err error
		if pids, err = appendPids(pids, d, recursive); err != nil {
			return nil, err
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}

func appendPids(pids []int, d Dir, recursive bool) ([]int, error) {
	w, err := walk(d)
	if errors.Is(err, syscall.ENOENT) {
		return pids, nil
	}
	if err != nil {
		return nil, err
	}
	defer w.close()
	if recursive {
		return w.pids(pids)
	}
	return pidsIn(pids, w.fd)
}

// pids appends the processes of the cgroup and its sub-cgroups.
func (w *walker) pids(pids []int) ([]int, error) {
	pids, err := pidsIn(pids, w.fd)
	if err != nil {
		return nil, err
	}
	err = w.subs(func(name string) error {
		return w.in(name, func() (err error) {
			pids, err = w.pids(pids)
			return err
		})
	})
	return pids, err
}

// pidsIn appends the processes of the cgroup fd alone. A threaded cgroup (v2)
// has no list of its own: its processes are in the one above it. One that was
// removed while it was open gives ENODEV or, its file not found, ENOENT. A
// process of a pid namespace above the caller's shows as 0 and has no number
// here to name or to kill it by.
func pidsIn(pids []int, fd int) ([]int, error) {
	buf, err := linux.ReadCgroupFile(fd, "cgroup.procs", make([]byte, 0, 1024))
	if errors.Is(err, syscall.EOPNOTSUPP) || gone(err) {
		return pids, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(buf)) {
		pid, err := strconv.Atoi(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, err
		}
		pids = append(pids, pid)
	}
	return pids, nil
}
