package seccomp

import (
	"errors"
	"fmt"
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Options say what a profile is compiled for.
type Options struct {
	Arch        string // the machine, by Go's name: "amd64"
	FailUnknown bool   // a name that no architecture has is an error, instead of being passed over
}

// Filter is a compiled profile.
type Filter struct {
	Code    []Instruction
	Default uint32   // what it returns for calls that no rule names
	Unknown []string // paths and names that were passed over
}

// MaxInstructions is the longest filter that the kernel takes. BPF_MAXINSNS
const MaxInstructions = 4096

// Compile makes the filter. Its error names every field, with its path in
// config.json, that is wrong.
func Compile(p *oci.LinuxSeccomp, o Options) (*Filter, error) {
	m, ok := machineOf(o.Arch)
	if !ok {
		return nil, fmt.Errorf("linux.seccomp: keg has no system call tables for this machine, a %s", o.Arch)
	}
	ret, ok := returnOf(p.DefaultAction, p.DefaultErrnoRet)
	if !ok {
		return nil, fmt.Errorf("linux.seccomp.defaultAction: unknown action %q", p.DefaultAction)
	}
	c := &compiler{profile: p, options: o, machine: m, filter: &Filter{Default: ret}}
	c.begin()
	for i := range p.Syscalls {
		c.entry(i)
		if c.rules.overflow() {
			return nil, fmt.Errorf("%s: there are too many rules with conditions before it: Linux takes at most %d BPF instructions", entryPath(i), MaxInstructions)
		}
	}
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	c.filter.Code = c.emit()
	if n := len(c.filter.Code); n > MaxInstructions {
		return nil, fmt.Errorf("linux.seccomp: the filter would have %d BPF instructions, and Linux takes at most %d: use fewer conditions or architectures", n, MaxInstructions)
	}
	return c.filter, nil
}

// compiler is a profile that is being compiled.
type compiler struct {
	profile *oci.LinuxSeccomp
	options Options
	machine *Machine
	filter  *Filter
	errs    []error
	names   names
	tables  [3]*calls // nil: the profile is not for that ABI
	rules   rules
	args    []condition // of the entry at hand
}

func (c *compiler) begin() {
	for i := range c.tables {
		if c.machine.included(i, c.profile.Architectures) {
			c.tables[i] = &calls{abi: &c.machine.abis[i]}
		}
	}
	c.rules.fixed(c.filter.Default) // the first: what tables begin with
}

// entry adds one entry of linux.seccomp.syscalls.
func (c *compiler) entry(i int) {
	e := &c.profile.Syscalls[i]
	ret, ok := returnOf(e.Action, e.ErrnoRet)
	if !ok {
		c.errs = append(c.errs, fmt.Errorf("%s.action: unknown action %q", entryPath(i), e.Action))
		return
	}
	c.args = c.args[:0]
	for k := range e.Args {
		condition, err := conditionOf(&e.Args[k])
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("%s.args[%d].%w", entryPath(i), k, err))
			return
		}
		c.args = append(c.args, condition)
	}
	// A rule that says what the default says anyway takes no part: it does not
	// make an exception to a later rule. So it is with runc and crun.
	r := rule{ret: ret, conjunctions: conjunctions(c.args), none: ret == c.filter.Default}
	for k, name := range e.Names {
		c.name(i, k, name, &r)
	}
}

func entryPath(i int) string { return "linux.seccomp.syscalls[" + strconv.Itoa(i) + "]" }

// rule is an entry, for each of its names.
type rule struct {
	ret          uint32
	conjunctions [][]condition
	none         bool // it decides nothing
	ids          []uint16
}

func (r *rule) unconditional() bool { return len(r.conjunctions) == 1 && len(r.conjunctions[0]) == 0 }

// name adds a rule for one name on every ABI that has it. "If the name is not
// known, the entry is ignored": what one libseccomp knows another does not.
func (c *compiler) name(i, k int, name string, r *rule) {
	n := c.names.index(name)
	if n < 0 {
		path := entryPath(i) + ".names[" + strconv.Itoa(k) + "]"
		if c.options.FailUnknown {
			c.errs = append(c.errs, fmt.Errorf("%s: unknown system call %q", path, name))
		}
		c.filter.Unknown = append(c.filter.Unknown, path+": "+strconv.Quote(name))
		return
	}
	for _, t := range c.tables {
		if t == nil {
			continue
		}
		entry := t.abi.numbers[n]
		if entry < multiplexed {
			t.note(entry)
			c.add(t, entry, r)
		}
		if t.abi.muxed && entry != absent {
			c.multiplex(t, name, r)
		}
	}
}

// add has a call decided by a rule, where none before it was unconditional.
func (c *compiler) add(t *calls, entry uint16, r *rule) {
	if r.none {
		return
	}
	d := t.decision(entry)
	if !c.rules.isOpen(*d) {
		return
	}
	if r.unconditional() {
		*d = c.rules.fixed(r.ret)
		return
	}
	if r.ids == nil {
		for _, all := range r.conjunctions {
			r.ids = append(r.ids, c.rules.conjunction(all, r.ret))
		}
	}
	for _, id := range r.ids {
		*d = c.rules.append(*d, id)
	}
}

// multiplex adds the rule for the way through socketcall or ipc. A condition
// cannot be checked there, the arguments lie in memory: what is stricter than
// the default then holds always, what is more lenient never.
func (c *compiler) multiplex(t *calls, name string, r *rule) {
	s, ok := subcallOf(name)
	if !ok {
		return
	}
	t.note(s.call)
	if r.none || !c.rules.isOpen(*t.decision(s.call)) {
		return
	}
	if !r.unconditional() && !Stricter(r.ret, c.filter.Default) {
		return
	}
	way := rule{ret: r.ret, conjunctions: [][]condition{{s.condition()}}}
	c.add(t, s.call, &way)
}
