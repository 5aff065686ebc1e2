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

func (p *path) String() string {
	if p.up == nil {
		return p.name
	}
	before := p.up.String()
	switch {
	case p.index == isKey:
		return before + "[" + strconv.Quote(p.name) + "]"
	case p.index >= 0:
		return before + "[" + strconv.Itoa(p.index) + "]"
	case before == "":
		return p.name
	}
	return before + "." + p.name
}

// sortedKeys gives a map's violations one order.
func sortedKeys[T any](m map[string]T) []string {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}
