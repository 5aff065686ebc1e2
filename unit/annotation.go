package unit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/keg-project/keg/dbus"
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
		return Property{}, fmt.Errorf("%q: %w (hint: GVariant text: 'word', true, 5, uint64 5, ['a', 'b'])", text, err)
	}
	if base, ok := seconds(name); ok {
		return inMicroseconds(base, v)
	}
	return Property{name, v}, nil
}

// seconds: a unit file says TimeoutStopSec where D-Bus has TimeoutStopUSec.
func seconds(name string) (base string, ok bool) {
	base, ok = strings.CutSuffix(name, "Sec")
	return base, ok && base != "" && base[len(base)-1] >= 'a' && base[len(base)-1] <= 'z'
}

func inMicroseconds(base string, v dbus.Value) (Property, error) {
	n := float64(v.Num)
	switch v.Type {
	case "n", "i", "x":
		n = float64(int64(v.Num))
	case "y", "q", "u", "t":
	case "d":
		n = math.Float64frombits(v.Num)
	default:
		return Property{}, fmt.Errorf("%s is not a number of seconds", v)
	}
	if !(n >= 0 && n*second < math.MaxUint64) {
		return Property{}, fmt.Errorf("%s seconds are not a time", v)
	}
	if v.Type != "d" {
		return Property{base + "USec", dbus.Uint64(v.Num * second)}, nil
	}
	return Property{base + "USec", dbus.Uint64(uint64(n * second))}, nil
}
