package devices

import (
	"errors"
	"strconv"
)

// Allowed is what systemd's DeviceAllow says of a unit: a node or a group of
// them, and the access. systemd.resource-control(5)
type Allowed struct{ Node, Access string }

// Systemd is the set as systemd has to know it on v1, where it writes its own
// idea of a unit's devices whenever it is reloaded: strict, but for the list;
// or not, if all is allowed. A set that denies a part of all it would forget.
// It cannot express one minor number of every major one, and denies that then.
func (s *Set) Systemd() (strict bool, list []Allowed, err error) {
	v, err := s.V1()
	if err != nil {
		return false, nil, err
	}
	if v.Allow {
		for _, r := range s.rules {
			if !r.allow && len(v.exceptions) > 0 {
				err = errors.New(r.field + ": systemd would forget on cgroup v1 what is denied of all devices (hint: allow one by one what is needed)")
			}
		}
		return false, nil, err
	}
	for _, e := range v.exceptions {
		kind := map[byte]string{'b': "block", 'c': "char"}[e.kind]
		switch {
		case e.minor != Any && e.major != Any:
			list = append(list, Allowed{"/dev/" + kind + "/" + e.node.String(), e.access.String()})
		case e.minor == Any && e.major != Any:
			list = append(list, Allowed{kind + "-" + strconv.FormatInt(e.major, 10), e.access.String()})
		case e.minor == Any:
			list = append(list, Allowed{kind + "-*", e.access.String()})
		}
	}
	return true, list, nil
}
