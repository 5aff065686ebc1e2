package devices

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// kernel is a cgroup of v1 as security/device_cgroup.c has it.
type kernel struct {
	allow      bool
	exceptions []exception
}

func (k *kernel) write(t *testing.T, c Command) {
	f := strings.FieldsFunc(c.Line, func(r rune) bool { return r == ' ' || r == ':' })
	grant := c.File == "devices.allow"
	if f[0] == "a" {
		*k = kernel{allow: grant}
		return
	}
	e := exception{kind: f[0][0], node: node{parseNumber(f[1]), parseNumber(f[2])}, access: parseAccess(f[3])}
	if t != nil && (len(f) != 4 || e.access.String() != f[3]) {
		t.Errorf("%q", c.Line)
	}
	i := slices.IndexFunc(k.exceptions, e.same)
	switch {
	case grant == k.allow: // it ends an exception
		if i >= 0 {
			k.exceptions[i].access &^= e.access
			if k.exceptions[i].access == 0 {
				k.exceptions = slices.Delete(k.exceptions, i, i+1)
			}
		}
	case i >= 0:
		k.exceptions[i].access |= e.access
	default:
		k.exceptions = append(k.exceptions, e)
	}
}

func (k *kernel) permits(q request) bool {
	for _, e := range k.exceptions {
		if e.kind != q.kind || !e.covers(node{q.major, q.minor}) {
			continue
		}
		if k.allow && e.access&q.access != 0 {
			return false
		}
		if !k.allow && q.access&^e.access == 0 {
			return true
		}
	}
	return k.allow
}

// list is devices.list.
func (k *kernel) list() string {
	if k.allow {
		return "a *:* rwm\n"
	}
	var s strings.Builder
	for _, e := range k.exceptions {
		fmt.Fprintf(&s, "%c %v %v\n", e.kind, e.node, e.access)
	}
	return s.String()
}

// before are cgroups that a set may be applied to: a new one, one that another
// container has used.
func before(n int) *kernel {
	switch n {
	case 0:
		return &kernel{allow: true}
	case 1:
		return &kernel{allow: true, exceptions: []exception{{kind: 'c', node: node{1, 3}, access: Read}}}
	}
	k := &kernel{allow: true}
	v, _ := Compile(nil).V1()
	for _, c := range v.From(k.list()) {
		k.write(nil, c)
	}
	k.exceptions = append(k.exceptions, exception{kind: 'b', node: node{5, Any}, access: Read})
	return k
}

func checkV1(list []oci.LinuxDeviceCgroup, start int) string {
	v, err := Compile(list).V1()
	if err != nil {
		if !strings.HasPrefix(err.Error(), Field+"[") || expressible(list, false) || expressible(list, true) {
			return err.Error()
		}
		return ""
	}
	k := before(start)
	for _, c := range v.From(k.list()) {
		k.write(nil, c)
	}
	for q := range requests {
		// The kernel asks for mknod(2) by itself.
		if got := k.permits(q); got != want(list, q) && (q.access == Mknod || q.access&Mknod == 0) {
			return fmt.Sprintf("%c %d:%d %v: %v, want %v\n%v", q.kind, q.major, q.minor, q.access, got, want(list, q), k)
		}
	}
	return ""
}

// expressible tries every exception that there could be: whether for each device
// one fits which has all that is excepted of it, and nothing that is not.
func expressible(list []oci.LinuxDeviceCgroup, allow bool) bool {
	excepted := func(kind byte, n node) (a Access) {
		for bit := Mknod; bit <= Write; bit <<= 1 {
			if want(list, request{kind, n.major, n.minor, bit}) != allow {
				a |= bit
			}
		}
		return a
	}
	var all []node
	for _, major := range askMajors {
		for _, minor := range askMinors {
			all = append(all, node{major, minor})
		}
	}
	fits := func(kind byte, n, exception node, a Access) bool {
		if !exception.covers(n) || exception.major == other || exception.minor == other {
			return false
		}
		return !slices.ContainsFunc(all, func(o node) bool { return exception.covers(o) && a&^excepted(kind, o) != 0 })
	}
	for _, kind := range []byte("cb") {
		for _, n := range all {
			asked := []Access{excepted(kind, n)}
			if allow { // each kind of access is denied by itself
				asked = []Access{asked[0] & Mknod, asked[0] & Read, asked[0] & Write}
			}
			for _, a := range asked {
				if a != 0 && !slices.ContainsFunc([]node{n, {n.major, Any}, {Any, n.minor}, {Any, Any}}, func(e node) bool { return fits(kind, n, e, a) }) {
					return false
				}
			}
		}
	}
	return true
}

func TestV1(t *testing.T) {
	n, refused := 0, 0
	randomLists(t, 3000, func(list []oci.LinuxDeviceCgroup) string {
		n++
		if _, err := Compile(list).V1(); err != nil {
			refused++
		}
		return checkV1(list, n%3)
	})
	if refused < 300 || refused > 2700 {
		t.Errorf("%d of %d lists refused: most tests see but one side", refused, n)
	}
}

// TestListedOrder shows that what a list allows is allowed in its order, before what
// every container may use.
func TestListedOrder(t *testing.T) {
	number := func(n int64) *int64 { return &n }
	set := Compile([]oci.LinuxDeviceCgroup{
		{Access: "rwm"},
		{Allow: true, Type: "c", Major: number(10), Minor: number(229), Access: "rwm"},
		{Allow: true, Type: "b", Major: number(8), Minor: number(20), Access: "rw"},
		{Allow: true, Type: "c", Major: number(1), Minor: number(11), Access: "r"},
	})
	v, err := set.V1()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range v.From("a *:* rwm\n")[:4] {
		got = append(got, c.Line)
	}
	if want := []string{"a", "c 10:229 rwm", "b 8:20 rw", "c 1:11 r"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
