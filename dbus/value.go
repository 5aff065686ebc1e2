package dbus

import (
	"strconv"
	"strings"
)

// Value is a value with its D-Bus type.
type Value struct {
	Type string  // its signature: "s", "t", "as", "a(ss)"
	Text string  // of s, o and g
	Num  uint64  // of b, y, n, q, i, u, x and t (signed ones extended), and the bits of d
	List []Value // elements of an array, fields of a structure, content of a variant
}

// The values that keg sends.
func String(s string) Value   { return Value{Type: "s", Text: s} }
func Uint64(n uint64) Value   { return Value{Type: "t", Num: n} }
func Uint32(n uint32) Value   { return Value{Type: "u", Num: uint64(n)} }
func Variant(v Value) Value   { return Value{Type: "v", List: []Value{v}} }
func Struct(f ...Value) Value { return Value{Type: "(" + types(f) + ")", List: f} }

func Bool(b bool) Value {
	if b {
		return Value{Type: "b", Num: 1}
	}
	return Value{Type: "b"}
}

// Array is a list of values, all of the element's type.
func Array(element string, list ...Value) Value { return Value{Type: "a" + element, List: list} }

// Strings is a list of strings.
func Strings(list ...string) Value {
	v := Value{Type: "as"}
	for _, s := range list {
		v.List = append(v.List, String(s))
	}
	return v
}

// Bytes is a list of bytes.
func Bytes(b ...byte) Value {
	v := Value{Type: "ay"}
	for _, n := range b {
		v.List = append(v.List, Value{Type: "y", Num: uint64(n)})
	}
	return v
}

func types(list []Value) string {
	s := ""
	for i := range list {
		s += list[i].Type
	}
	return s
}

// String is the value as a person reads it.
func (v Value) String() string {
	switch v.Type[0] {
	case 's', 'o', 'g':
		return strconv.Quote(v.Text)
	case 'b':
		return strconv.FormatBool(v.Num != 0)
	case 'n', 'i', 'x':
		return strconv.FormatInt(int64(v.Num), 10)
	case 'v':
		return v.List[0].String()
	case 'a':
		return "[" + join(v.List) + "]"
	case '(', '{':
		return "(" + join(v.List) + ")"
	case 't':
		if v.Num == ^uint64(0) {
			return "infinity" // as systemd reads it in limits
		}
	}
	return strconv.FormatUint(v.Num, 10)
}

func join(list []Value) string {
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = list[i].String()
	}
	return strings.Join(texts, ", ")
}
