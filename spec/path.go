package spec

import (
	"maps"
	"slices"
	"strconv"
)

// path is the way to a value in a configuration. It is a list on the stack,
// from the value to the root, and becomes text only for a violation: a valid
// configuration pays for no string.
type path struct {
	up    *path
	name  string // of a field, or a map's key
	index int    // in an array: from 0; isField, isKey
}

const (
	isField = -1
	isKey   = -2
)

func (p *path) field(name string) path { return path{p, name, isField} }
func (p *path) at(i int) path          { return path{p, "", i} }
func (p *path) key(key string) path    { return path{p, key, isKey} }

func (p *path) String() string { return string(p.append(nil)) }

// append copies, so that no path is kept: one that were would have to live on
// the heap, and all would.
func (p *path) append(b []byte) []byte {
	if p.up == nil {
		return b
	}
	b = p.up.append(b)
	switch {
	case p.index == isKey:
		b = append(b, '[')
		return append(strconv.AppendQuote(b, p.name), ']')
	case p.index >= 0:
		b = append(b, '[')
		return append(strconv.AppendInt(b, int64(p.index), 10), ']')
	case len(b) > 0:
		b = append(b, '.')
	}
	return append(b, p.name...)
}

// sortedKeys gives a map's violations one order.
func sortedKeys[T any](m map[string]T) []string {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}
