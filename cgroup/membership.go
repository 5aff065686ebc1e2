package cgroup

import (
	"strconv"
	"strings"
)

// membership is a process's own cgroup in each hierarchy. proc_pid_cgroup(5)
type membership []Hierarchy

// callersMembership is read anew where the layout may be an earlier process's.
func callersMembership() (membership, error) { return membershipIn("/proc/self/cgroup") }

func membershipOf(pid int) (membership, error) {
	return membershipIn("/proc/" + strconv.Itoa(pid) + "/cgroup")
}

func membershipIn(file string) (membership, error) {
	text, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return parseMembership(text), nil
}

// parseMembership reads lines like "4:memory:/path". Only the path may contain
// further colons.
func parseMembership(text string) membership {
	var m membership
	for line := range strings.SplitSeq(text, "\n") {
		_, rest, _ := strings.Cut(line, ":")
		if controllers, self, _ := strings.Cut(rest, ":"); strings.HasPrefix(self, "/") {
			m = append(m, Hierarchy{Controllers: controllers, Self: self})
		}
	}
	return m
}

// Where is the cgroup that a process is in, as one controller has it; "" is the
// unified hierarchy.
type Where struct{ Controller, Path string }

// WhereIs finds a process, controller by controller.
func WhereIs(pid int) ([]Where, error) {
	m, err := membershipOf(pid)
	return m.byController(), err
}

func (m membership) byController() (list []Where) {
	for _, h := range m {
		for controller := range strings.SplitSeq(h.Controllers, ",") {
			list = append(list, Where{controller, h.Self})
		}
	}
	return list
}

// in finds the hierarchy of d, mounted as d has it.
func (m membership) in(d Dir) (h Hierarchy, ok bool) {
	for _, h := range m {
		if h.Controllers == d.Controllers {
			h.Mount = d.Mount
			return h, true
		}
	}
	return h, false
}

// pathIn is where the process is in the hierarchy of d; "" if in none.
func (m membership) pathIn(d Dir) string {
	h, ok := m.in(d)
	if !ok || h.Self == d.Path {
		return h.Self
	}
	return h.visibleSelf()
}
