package devices

import (
	"errors"
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Control is what enforces a list in a container's cgroup.
type Control uint8

// The ways there are.
const (
	None    Control = iota // nothing that keg can use
	V1Files                // devices.allow and devices.deny
	Program                // in the unified hierarchy
)

// Facts are what a list's enforcement depends on.
type Facts struct {
	Control    Control
	Privileged bool   // CAP_SYS_ADMIN outside any user namespace, without which nothing enforces
	Waived     string // why none is wanted, for a warning; "": it is
	Nodes      bool   // the container may have nodes of any device
}

// Enforce compiles a list and finds out early whether it can be enforced. It
// returns nil where there is nothing to enforce it with and no harm in that: an
// ordinary user's container can make no nodes, so it has what was bound into it
// and what the user's rights allow. A warning says so, if there was a list; one
// that denies a part of what it allows wants more than that.
func Enforce(list []oci.LinuxDeviceCgroup, f Facts) (s *Set, warning string, err error) {
	s = Compile(list)
	if f.Waived != "" {
		if !s.AllowsAll() && len(list) > 0 {
			warning = Field + ": not enforced: " + f.Waived
		}
		return nil, warning, nil
	}
	switch f.Control {
	case V1Files:
		_, err = s.V1()
		return s, "", err
	case Program:
		_, err = s.Program()
		return s, "", err
	}
	why := "neither cgroup v1's devices controller nor the unified hierarchy is mounted"
	if !f.Privileged {
		why = "that takes CAP_SYS_ADMIN outside of user namespaces"
	}
	denial := firstDenial(list)
	switch {
	case s.AllowsAll():
		return nil, "", nil
	case denial == "" && f.Nodes && len(list) > 0:
		denial = Field
		fallthrough
	case denial != "":
		return nil, "", errors.New(denial + ": cannot be enforced: " + why)
	case f.Nodes:
		return nil, Field + ": all devices can be used: " + why, nil
	case len(list) > 0:
		return nil, Field + ": not enforced: " + why + "; the container can make no device nodes, and has those that are bound into it", nil
	}
	return nil, "", nil
}

// Listed reports whether the set comes from a list that is not empty.
func (s *Set) Listed() bool { return s.rules[0].field != "" }

// Explain lists the calls that enforce the set in a new cgroup; none where they
// are not needed.
func (s *Set) Explain(c Control) (calls []string) {
	switch {
	case c == V1Files:
		if v, err := s.V1(); err == nil {
			for _, w := range v.anew() {
				calls = append(calls, "write("+strconv.Quote(w.File)+", "+strconv.Quote(w.Line)+")")
			}
		}
	case !s.AllowsAll():
		code, _ := s.Program()
		return []string{
			"bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=" + strconv.Itoa(len(code)) + `, prog_name="` + Name + `"})`,
			"bpf(BPF_PROG_ATTACH, {attach_type=BPF_CGROUP_DEVICE, attach_flags=BPF_F_ALLOW_MULTI})",
		}
	}
	return calls
}
