package unit

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/keg-project/keg/dbus"
)

// parseText reads a value in GVariant's text format: texts, truth values,
// numbers, arrays, tuples and variants, with their types where those are named.
// https://docs.gtk.org/glib/gvariant-text-format.html
func parseText(text string) (dbus.Value, error) {
	p := textParser{rest: text}
	v, err := p.value("")
	if err != nil {
		return v, err
	}
	if p.space(); p.rest != "" {
		return v, errors.New("there is more behind the value: " + strconv.Quote(p.rest))
	}
	return v, nil
}

// textTypes are the words that name the type of what follows.
var textTypes = map[string]string{
	"boolean": "b", "byte": "y", "int16": "n", "uint16": "q", "int32": "i", "uint32": "u",
	"int64": "x", "uint64": "t", "double": "d", "string": "s",
}

var errNoValue = errors.New("not a value")

// maxNesting bounds the recursion.
const maxNesting = 16

type textParser struct {
	rest string
	deep int
}

func (p *textParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\n") }

// skip takes c, if it is next.
func (p *textParser) skip(c byte) bool {
	p.space()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// value reads a value of a type; "" is whichever the text says.
func (p *textParser) value(want string) (dbus.Value, error) {
	if p.deep++; p.deep > maxNesting {
		return dbus.Value{}, errors.New("nested too deeply")
	}
	defer func() { p.deep-- }()
	p.space()
	if p.rest == "" {
		return dbus.Value{}, errNoValue
	}
	switch p.rest[0] {
	case '@':
		return p.typed(want)
	case '\'', '"':
		return p.text(want)
	case '[':
		return p.array(want)
	case '(':
		return p.tuple(want)
	case '<':
		return p.variant(want)
	}
	return p.word(want)
}

// typed reads "@as []".
func (p *textParser) typed(want string) (dbus.Value, error) {
	t, rest, _ := strings.Cut(p.rest[1:], " ")
	if !dbus.ValidType(t) || want != "" && want != t || strings.ContainsAny(t, "{h") {
		return dbus.Value{}, errors.New("type " + strconv.Quote(t) + " does not fit")
	}
	p.rest = rest
	return p.value(t)
}

// word reads a truth value, a number, or the name of a type and then the value.
func (p *textParser) word(want string) (dbus.Value, error) {
	n := strings.IndexAny(p.rest, " \t\n,]()[<>'\"")
	if n < 0 {
		n = len(p.rest)
	}
	word := p.rest[:n]
	p.rest = p.rest[n:]
	if t, ok := textTypes[word]; ok {
		if want != "" && want != t {
			return dbus.Value{}, errors.New(word + " does not fit")
		}
		return p.value(t)
	}
	if word == "true" || word == "false" {
		return fits(dbus.Bool(word == "true"), want)
	}
	return number(word, want)
}

// fits refuses a value of another type than the one that was asked for.
func fits(v dbus.Value, want string) (dbus.Value, error) {
	if want != "" && want != v.Type {
		return v, errors.New(v.String() + " is not of type " + want)
	}
	return v, nil
}

// number: without a type it is an int32 or, with a point, a double.
func number(word, want string) (dbus.Value, error) {
	if want == "" {
		if want = "i"; strings.ContainsAny(word, ".") {
			want = "d"
		}
	}
	v := dbus.Value{Type: want}
	var err error
	var signed int64
	switch want {
	case "y":
		v.Num, err = strconv.ParseUint(word, 0, 8)
	case "q":
		v.Num, err = strconv.ParseUint(word, 0, 16)
	case "u":
		v.Num, err = strconv.ParseUint(word, 0, 32)
	case "t":
		v.Num, err = strconv.ParseUint(word, 0, 64)
	case "n":
		signed, err = strconv.ParseInt(word, 0, 16)
		v.Num = uint64(signed)
	case "i":
		signed, err = strconv.ParseInt(word, 0, 32)
		v.Num = uint64(signed)
	case "x":
		signed, err = strconv.ParseInt(word, 0, 64)
		v.Num = uint64(signed)
	case "d":
		var f float64
		f, err = strconv.ParseFloat(word, 64)
		v.Num = math.Float64bits(f)
	default:
		return v, errors.New(strconv.Quote(word) + " is not of type " + want)
	}
	if errors.Is(err, strconv.ErrRange) {
		return v, errors.New(word + " is out of the range of its type")
	}
	if err != nil || strings.Contains(word, "_") {
		return v, errNoValue
	}
	return v, nil
}
