// Package argv splits a command line into flags and arguments in the way that
// runc's callers write it: flags before or after the arguments, long flags
// with one dash or two, `--flag=true`.
//
// It is not a framework: it knows no commands, prints nothing and exits never.
package argv

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Flag is one flag of a Set.
type Flag struct {
	Name  string // long name, without dashes
	Short byte   // one letter, 0 for none
	Value string // what the value is called in a usage text; "" for a switch
	Usage string

	set func(string) error
}

// Set is the flags that a command line may hold. Flags that are not found in
// it are looked up in its parent.
type Set struct {
	parent *Set
	flags  []Flag
}

// New returns an empty set; parent may be nil.
func New(parent *Set) *Set {
	return &Set{parent: parent, flags: make([]Flag, 0, 12)}
}

// Flags returns the set's own flags, as they were added.
func (s *Set) Flags() []Flag { return s.flags }

// Func adds a flag whose value is handed to set.
func (s *Set) Func(name string, short byte, value, usage string, set func(string) error) {
	s.flags = append(s.flags, Flag{Name: name, Short: short, Value: value, Usage: usage, set: set})
}

// Bool adds a switch, which also takes =true and =false.
func (s *Set) Bool(p *bool, name string, short byte, usage string) {
	s.Func(name, short, "", usage, func(v string) (err error) {
		if *p, err = strconv.ParseBool(v); err != nil {
			return fmt.Errorf("%q is neither true nor false", v)
		}
		return nil
	})
}

// String adds a flag with a text as its value; the last one counts.
func (s *Set) String(p *string, name string, short byte, value, usage string) {
	s.Func(name, short, value, usage, func(v string) error {
		*p = v
		return nil
	})
}

// Strings adds a flag that may be repeated.
func (s *Set) Strings(p *[]string, name string, short byte, value, usage string) {
	s.Func(name, short, value, usage, func(v string) error {
		*p = append(*p, v)
		return nil
	})
}

// Enum adds a flag whose value is one of allowed.
func (s *Set) Enum(p *string, name string, short byte, usage string, allowed ...string) {
	s.Func(name, short, strings.Join(allowed, "|"), usage, func(v string) error {
		for _, a := range allowed {
			if v == a {
				*p = v
				return nil
			}
		}
		return fmt.Errorf("%q is not one of %s", v, strings.Join(allowed, ", "))
	})
}

// Count adds a flag whose value is a number, zero or more.
func (s *Set) Count(p *int, name string, short byte, value, usage string) {
	s.Func(name, short, value, usage, func(v string) error {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return fmt.Errorf("%q is not a number of 0 or more", v)
		}
		*p = int(n)
		return nil
	})
}

// Refuse adds a flag that is known and always an error, which says why.
func (s *Set) Refuse(name string, short byte, value, usage, why string) {
	s.Func(name, short, value, usage, func(string) error { return errors.New(why) })
}

func (s *Set) long(name string) *Flag {
	for ; s != nil; s = s.parent {
		for i := range s.flags {
			if s.flags[i].Name == name {
				return &s.flags[i]
			}
		}
	}
	return nil
}

func (s *Set) short(c byte) *Flag {
	for ; s != nil; s = s.parent {
		for i := range s.flags {
			if c != 0 && s.flags[i].Short == c {
				return &s.flags[i]
			}
		}
	}
	return nil
}
