package unit

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/keg-project/keg/dbus"
)

// text reads a text in quotes.
func (p *textParser) text(want string) (dbus.Value, error) {
	quote := p.rest[0]
	var s strings.Builder
	for i := 1; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case c == 0:
			return dbus.Value{}, errors.New("a text has no NUL")
		case c == quote:
			p.rest = p.rest[i+1:]
			if !utf8.ValidString(s.String()) {
				return dbus.Value{}, errors.New("the text is not UTF-8")
			}
			return fits(dbus.String(s.String()), want)
		case c == '\\' && i+1 < len(p.rest):
			i++
			c = unescape(p.rest[i])
		}
		s.WriteByte(c)
	}
	return dbus.Value{}, errors.New("the text has no end")
}

// unescape: of the escapes those of C that make sense in a unit.
func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	}
	return c
}

// array: its first element says of which type all are.
func (p *textParser) array(want string) (dbus.Value, error) {
	p.skip('[')
	element, ok := strings.CutPrefix(want, "a")
	if want != "" && !ok {
		return dbus.Value{}, errors.New("an array is not of type " + want)
	}
	list, err := p.list(']', func(int) string { return element }, func(v dbus.Value) { element = v.Type })
	if err != nil {
		return dbus.Value{}, err
	}
	if element == "" {
		return dbus.Value{}, errors.New("an empty array says nothing of its type: @as []")
	}
	return dbus.Array(element, list...), nil
}

// list reads values up to the end. type says which one is expected at an index.
func (p *textParser) list(end byte, typeOf func(int) string, read func(dbus.Value)) (list []dbus.Value, err error) {
	if p.skip(end) {
		return nil, nil
	}
	for {
		v, err := p.value(typeOf(len(list)))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		read(v)
		if comma := p.skip(','); p.skip(end) {
			return list, nil
		} else if !comma {
			return nil, errors.New("the list has no end")
		}
	}
}

func (p *textParser) tuple(want string) (dbus.Value, error) {
	p.skip('(')
	types, err := dbus.Fields(want)
	if err != nil {
		return dbus.Value{}, errors.New("a tuple is not of type " + want)
	}
	field := func(i int) string {
		if i < len(types) {
			return types[i]
		}
		return ""
	}
	list, err := p.list(')', field, func(dbus.Value) {})
	if err != nil {
		return dbus.Value{}, err
	}
	if len(list) == 0 {
		return dbus.Value{}, errors.New("D-Bus has no empty tuples")
	}
	return fits(dbus.Struct(list...), want)
}

func (p *textParser) variant(want string) (dbus.Value, error) {
	p.skip('<')
	v, err := p.value("")
	if err != nil {
		return dbus.Value{}, err
	}
	if !p.skip('>') {
		return dbus.Value{}, errors.New("the variant has no end")
	}
	return fits(dbus.Variant(v), want)
}
