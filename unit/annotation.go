package unit

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/godbus/dbus/v5"
)

// AnnotationProperty begins the annotations that name a property of the
// container's unit; the value is in GVariant's text format, as runc and crun
// have it.
const AnnotationProperty = "org.systemd.property."

// own are properties by which keg knows where the container is.
var own = []string{"Slice", "PIDs", "PIDFDs", "Delegate", "DelegateSubgroup", "Scope"}

// asked returns the properties that annotations set, in order of their names.
func asked(annotations map[string]string) ([]Property, error) {
	var list []Property
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		name, ok := strings.CutPrefix(key, AnnotationProperty)
		if !ok {
			continue
		}
		p, err := parseProperty(name, annotations[key])
		if err != nil {
			return nil, fmt.Errorf("annotations.%s: %w", key, err)
		}
		list = append(list, p)
	}
	return list, nil
}

func parseProperty(name, text string) (Property, error) {
	for _, c := range []byte(name) {
		if !letter(c) {
			return Property{}, fmt.Errorf("%q is not the name of a property: letters only", name)
		}
	}
	if name == "" {
		return Property{}, fmt.Errorf("the name of a property is missing")
	}
	if slices.Contains(own, name) {
		return Property{}, fmt.Errorf("the property is keg's: it says where the container is")
	}
	v, err := parseText(text)
	if err != nil {
		return Property{}, fmt.Errorf("%q is not a value: %w (hint: GVariant text: 'word', true, 5, uint64 5, ['a', 'b'])", text, err)
	}
	if base, ok := seconds(name); ok {
		return inMicroseconds(base, v)
	}
	return Property{name, v}, nil
}

// parseText reads GVariant's text format. ParseVariant does not look at what is
// behind a value; within <> it has to be the end.
func parseText(text string) (value any, err error) {
	if err := flat(text); err != nil {
		return nil, err
	}
	defer func() { // some texts whose type is not that of the value have it panic: @b []
		if recover() != nil {
			value, err = nil, errors.New("the value is not of the type that is named")
		}
	}()
	v, err := dbus.ParseVariant("<"+text+">", dbus.Signature{})
	if err != nil {
		return nil, err
	}
	return v.Value().(dbus.Variant).Value(), sendable(v)
}

// flat refuses what no property of a unit is, and what costs ParseVariant time
// or memory without bound: a digit that is not of ASCII has it loop, it lists
// all types that nested dictionaries could have, and writes nested arrays out at
// every level.
func flat(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsNumber(r) }) {
		return errors.New("digits are those of ASCII")
	}
	if text = strings.TrimSpace(text); text != "" && strings.ContainsRune("'\"", rune(text[0])) {
		return nil
	}
	if strings.Contains(text, "{") {
		return errors.New("no property of a unit is a dictionary")
	}
	if strings.Count(text, "[")+strings.Count(text, "<") > 64 {
		return errors.New("nested too deeply")
	}
	return nil
}

// sendable refuses what D-Bus has no bytes for, a NUL in a text, while nothing
// is made yet.
func sendable(v dbus.Variant) error {
	m := dbus.Message{Type: dbus.TypeMethodCall, Body: []any{v}, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath:      dbus.MakeVariant(dbus.ObjectPath("/")),
		dbus.FieldMember:    dbus.MakeVariant("Set"),
		dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(v)),
	}}
	return m.IsValid()
}

// seconds: a unit file says TimeoutStopSec where D-Bus has TimeoutStopUSec.
func seconds(name string) (base string, ok bool) {
	base, ok = strings.CutSuffix(name, "Sec")
	return base, ok && base != "" && base[len(base)-1] >= 'a' && base[len(base)-1] <= 'z'
}

func inMicroseconds(base string, v any) (Property, error) {
	var n float64
	switch v := v.(type) {
	case byte:
		n = float64(v)
	case int16:
		n = float64(v)
	case uint16:
		n = float64(v)
	case int32:
		n = float64(v)
	case uint32:
		n = float64(v)
	case int64:
		n = float64(v)
	case uint64:
		n = float64(v)
	case float64:
		n = v
	default:
		return Property{}, fmt.Errorf("%v is not a number of seconds", v)
	}
	if !(n >= 0 && n*second < math.MaxUint64) {
		return Property{}, fmt.Errorf("%v seconds are not a time", v)
	}
	return Property{base + "USec", uint64(n * second)}, nil
}
