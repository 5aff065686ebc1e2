package cgroup

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// SplitSystemd splits dirs into those in the hierarchies that systemd has for
// itself, where it makes a unit's cgroups whatever the unit is limited in, and
// the rest.
func SplitSystemd(dirs []Dir) (its, rest []Dir) {
	for _, d := range dirs {
		if d.V2() || d.Controllers == "name=systemd" {
			its = append(its, d)
		} else {
			rest = append(rest, d)
		}
	}
	return its, rest
}

// Adopt takes up cgroups that systemd has made around a process: it must be in
// unit, those of systemd's hierarchies. dirs are in all of them, the same or
// further down; the process is moved to where it is not by then.
func Adopt(unit, dirs []Dir, pid int) (*Cgroup, error) {
	m, err := membershipOf(pid)
	if err != nil {
		return nil, err
	}
	for _, d := range unit {
		if now := m.pathIn(d); now != d.Path {
			return nil, &os.PathError{Op: "cgroup", Path: d.Name(), Err: fmt.Errorf("systemd has put the init into %s instead", now)}
		}
	}
	for _, d := range dirs {
		if m.pathIn(d) != d.Path {
			if err := move(d, pid); err != nil {
				return nil, err
			}
		}
	}
	if unifiedAlone(dirs) {
		enable(dirs[0])
	}
	return &Cgroup{dirs}, nil
}

// move moves a process into a cgroup, which is made if there is none. Children
// that it may have go with it only from now on: it must have none.
func move(d Dir, pid int) error {
	var made madeDirs
	if _, err := made.mkdirAll(d); err != nil {
		return err
	}
	if d.Has("cpuset") {
		if err := inheritCpuset(d); err != nil {
			return err
		}
	}
	err := writeFile(d.Name()+"/cgroup.procs", strconv.Itoa(pid))
	if errors.Is(err, syscall.ESRCH) {
		return errors.New("the init has ended meanwhile")
	}
	return err
}
