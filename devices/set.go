package devices

import (
	"cmp"
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Set says for every device what may be done to it. It is independent of the
// order and the repetitions of the list that it was made from.
type Set struct {
	rules []rule // the list and the defaults, for messages
	char  table
	block table
}

// table is about the devices of one kind: the first entry that covers a device
// has all that may be done to it. The last entry covers every device, and no
// entry can be left out.
type table []entry

type entry struct {
	node
	may Access
}

// Compile makes the set of a list. A rule counts for the kinds of access that
// it names, until a later one. What no rule is about is denied: a container
// without a list gets what every container may use.
func Compile(list []oci.LinuxDeviceCgroup) *Set {
	rules := rulesOf(list)
	return &Set{rules: rules, char: newTable(rules, 'c'), block: newTable(rules, 'b')}
}

// AllowsAll reports whether nothing is denied.
func (s *Set) AllowsAll() bool { return s.char.allowsAll() && s.block.allowsAll() }

func (t table) allowsAll() bool { return len(t) == 1 && t[0].may == Everything }

func newTable(rules []rule, kind byte) table {
	var about []rule
	for _, r := range rules {
		if r.about(kind) {
			about = append(about, r)
		}
	}
	nodes := nodesOf(about)
	t := make(table, len(nodes))
	for i, n := range nodes {
		t[i] = entry{n, lastWord(about, n)}
	}
	return t.prune()
}

// nodesOf are the nodes that rules name, where two overlap without covering one
// another what they share, and the node of all devices; the more special first.
func nodesOf(rules []rule) []node {
	all := []node{{Any, Any}}
	var majors, minors []int64
	for _, r := range rules {
		all = append(all, r.node)
		switch {
		case r.major == Any && r.minor != Any:
			minors = append(minors, r.minor)
		case r.minor == Any && r.major != Any:
			majors = append(majors, r.major)
		}
	}
	for _, minor := range unique(minors, cmp.Compare) {
		for _, major := range unique(majors, cmp.Compare) {
			all = append(all, node{major, minor})
		}
	}
	return unique(all, special)
}

func unique[T comparable](list []T, order func(a, b T) int) []T {
	slices.SortFunc(list, order)
	return slices.Compact(list)
}

// special orders nodes by number, with Any after all of them.
func special(a, b node) int {
	return cmp.Or(compareNumber(a.major, b.major), compareNumber(a.minor, b.minor))
}

func compareNumber(a, b int64) int { return cmp.Compare(uint64(a), uint64(b)) } // Any is the greatest

// lastWord is what may be done to a device that n stands for and to which no
// rule for a part of n applies.
func lastWord(rules []rule, n node) (may Access) {
	open := Everything
	for i := len(rules) - 1; i >= 0 && open != 0; i-- {
		if r := &rules[i]; r.covers(n) {
			if r.allow {
				may |= r.access & open
			}
			open &^= r.access
		}
	}
	return may
}

// prune leaves out the entries without which the table says the same: first
// those of one number against that of none, then the devices by themselves.
func (t table) prune() table {
	last := t[len(t)-1]
	wide := slices.DeleteFunc(slices.Clone(t[:len(t)-1]), func(e entry) bool {
		return e.major != Any && e.minor != Any || e.may == last.may
	})
	wide = append(wide, last)
	return slices.DeleteFunc(t, func(e entry) bool {
		if e.major != Any && e.minor != Any {
			return e.may == wide.find(e.node)
		}
		return !slices.Contains(wide, e)
	})
}

// find is what may be done to n.
func (t table) find(n node) Access {
	i := slices.IndexFunc(t, func(e entry) bool { return e.covers(n) })
	return t[i].may
}

// Lines are the set for a person, in the words of devices.allow: of those that
// are about a device the first counts.
func (s *Set) Lines() []string {
	lines := s.char.lines(nil, "c ")
	return s.block.lines(lines, "b ")
}

func (t table) lines(lines []string, kind string) []string {
	for _, e := range t {
		line := kind + e.String() + " nothing"
		if e.may != 0 {
			line = kind + e.String() + " " + e.may.String()
		}
		lines = append(lines, line)
	}
	return lines
}
