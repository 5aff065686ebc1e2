package devices

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// V1 is a set as cgroup v1 has it: a default, and exceptions from it. What
// asks for several kinds of access at once is allowed if one exception has them
// all, and denied if any has one of them. security/device_cgroup.c
type V1 struct {
	Allow      bool // the default; exceptions deny
	exceptions []exception
}

type exception struct {
	field string // the rule that it comes from; "" for what every container may use
	kind  byte
	node
	access Access
	place  int // that of the rule in the list
}

// Command is a line for a file of the v1 hierarchy.
type Command struct {
	Field    string
	File     string
	Line     string
	Optional bool // where the cgroup above does not allow it, nobody has asked for it
}

// V1 fails where the set can be made neither of what is allowed nor of what is
// denied; the error names the rule.
func (s *Set) V1() (*V1, error) {
	deny, err := s.v1(false)
	if s.char.allowsMost() && s.block.allowsMost() || err != nil {
		if allow, err := s.v1(true); err == nil {
			return allow, nil
		}
	}
	return deny, err
}

func (t table) allowsMost() bool { return t[len(t)-1].may == Everything }

func (s *Set) v1(allow bool) (*V1, error) {
	v := &V1{Allow: allow}
	for _, k := range []struct {
		kind byte
		table
	}{{'b', s.block}, {'c', s.char}} {
		list, special, wide := k.exceptions(allow)
		if special != nil {
			return nil, s.inexpressible(k.kind, *special, *wide)
		}
		for _, e := range list {
			field := s.asked(k.kind, e, allow)
			if !allow {
				e.may &^= s.given(k.kind, k.table, e)
			}
			if e.may != 0 {
				v.exceptions = append(v.exceptions, exception{field, k.kind, e.node, e.may, s.place(field)})
			}
		}
	}
	return v, nil
}

// given is the right to make a device node, which is never asked for together with
// another: where a wider exception has it, and no rule for this node, this one need not.
func (s *Set) given(kind byte, t table, e entry) Access {
	named := slices.ContainsFunc(s.rules, func(r rule) bool {
		return r.about(kind) && r.allow && r.node == e.node && r.access&Mknod != 0
	})
	wider := slices.ContainsFunc(t, func(w entry) bool { return w.node != e.node && w.covers(e.node) && w.may&Mknod != 0 })
	if named || !wider {
		return 0
	}
	return Mknod
}

// place is where a rule stands in the list; what every container may use comes last.
func (s *Set) place(field string) int {
	if field == "" {
		return len(s.rules)
	}
	return slices.IndexFunc(s.rules, func(r rule) bool { return r.field == field })
}

// exceptions are those of a table, the widest first; or else the two entries of
// which the first would have to take back what the second excepts.
func (t table) exceptions(allow bool) (list []entry, special, wide *entry) {
	for i := len(t) - 1; i >= 0; i-- {
		access, wider := t[i].excepted(allow), Access(0)
		for j := range t {
			part, overlap := t.shared(i, j)
			if !overlap {
				continue
			}
			if e := t[j].excepted(allow); e&^access != 0 {
				return nil, &entry{part, t[i].may}, &t[j]
			} else if t[j].covers(t[i].node) {
				wider |= e
			}
		}
		if allow {
			access &^= wider // each denies by itself
		}
		if access != 0 {
			list = append(list, entry{t[i].node, access})
		}
	}
	return list, nil, nil
}

// excepted is what an entry has that is not the default.
func (e *entry) excepted(allow bool) Access {
	if allow {
		return Everything &^ e.may
	}
	return e.may
}

// shared is the part of entry i that a later, wider entry j is about as well and
// no entry by itself.
func (t table) shared(i, j int) (n node, ok bool) {
	n = t[i].node
	if i >= j {
		return n, false
	}
	if t[j].covers(n) {
		return n, true
	}
	if n.minor != Any || t[j].major != Any || t[j].minor == Any {
		return n, false
	}
	n.minor = t[j].minor
	return n, !slices.ContainsFunc(t, func(e entry) bool { return e.node == n })
}

// asked is the field of the rule that an exception comes from.
func (s *Set) asked(kind byte, e entry, allow bool) string {
	open := e.may
	for i := len(s.rules) - 1; i >= 0; i-- {
		r := &s.rules[i]
		if !r.about(kind) || !r.covers(e.node) || r.access&open == 0 {
			continue
		}
		if r.allow != allow && r.field != "" {
			return r.field
		}
		open &^= r.access
	}
	return ""
}

func (s *Set) inexpressible(kind byte, special, wide entry) error {
	field, access := Field, wide.may&^special.may
	for i := len(s.rules) - 1; i >= 0; i-- {
		if r := &s.rules[i]; r.about(kind) && r.covers(special.node) && !r.allow && r.access&access != 0 {
			field = r.field
			break
		}
	}
	return fmt.Errorf("%s: cgroup v1 cannot deny %c %v %v, a part of what is allowed by %c %v"+
		" (hint: allow one by one what is needed, or use cgroup v2)", field, kind, special.node, access, kind, wide.node)
}

// From lists what makes v of a cgroup whose devices.list is the text. Where
// both deny by default nothing that both allow is denied meanwhile; there is no
// such way elsewhere, since the list does not show what is denied.
func (v *V1) From(devicesList string) []Command {
	old, allows := parseList(devicesList)
	if v.Allow || allows {
		return v.anew()
	}
	var commands []Command
	for _, e := range v.exceptions {
		if i := slices.IndexFunc(old, e.same); i < 0 || e.access&^old[i].access != 0 {
			commands = append(commands, e.command("devices.allow"))
		}
	}
	for _, e := range old {
		if i := slices.IndexFunc(v.exceptions, e.same); i >= 0 {
			e.access &^= v.exceptions[i].access
		}
		if e.access != 0 {
			commands = append(commands, e.command("devices.deny"))
		}
	}
	return commands
}

// Disturbs reports whether From has to set the default, which drops all
// exceptions for a moment.
func (v *V1) Disturbs(devicesList string) bool {
	_, allows := parseList(devicesList)
	return v.Allow || allows
}

// ParseV1 reads devices.list; not ok is what allows by default, whose
// exceptions it does not show.
func ParseV1(devicesList string) (v *V1, ok bool) {
	list, allows := parseList(devicesList)
	return &V1{exceptions: list}, !allows
}

// anew is for any cgroup: setting the default drops all exceptions. What is allowed
// is allowed, and shown by devices.list, in the listed order, though nothing else
// depends on it. runtime-spec config-linux.md#configLinuxDeviceAllowedlist
func (v *V1) anew() []Command {
	def, others := "devices.deny", "devices.allow"
	if v.Allow {
		def, others = others, def
	}
	list := slices.Clone(v.exceptions)
	if !v.Allow {
		slices.SortStableFunc(list, func(a, b exception) int { return cmp.Compare(a.place, b.place) })
	}
	commands := []Command{{Field: Field, File: def, Line: "a"}}
	for _, e := range list {
		commands = append(commands, e.command(others))
	}
	return commands
}

func (e exception) command(file string) Command {
	w := Command{Field: e.field, File: file, Line: fmt.Sprintf("%c %v %v", e.kind, e.node, e.access)}
	if e.field == "" {
		w.Field, w.Optional = Field, file == "devices.allow"
	}
	return w
}

func (e exception) same(other exception) bool { return e.kind == other.kind && e.node == other.node }

// parseList reads devices.list, which shows exceptions only where the default
// is to deny.
func parseList(text string) (list []exception, allows bool) {
	for line := range strings.Lines(text) {
		f := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == ':' || c == '\n' })
		switch {
		case len(f) != 4:
		case f[0] == "a":
			return nil, true
		default:
			list = append(list, exception{kind: f[0][0], node: node{parseNumber(f[1]), parseNumber(f[2])}, access: parseAccess(f[3])})
		}
	}
	return list, false
}

func parseNumber(s string) int64 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return Any
	}
	return int64(n)
}
