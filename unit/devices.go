package unit

import (
	"github.com/keg-project/keg/devices"
)

// Node is an element of DeviceAllow.
type Node struct{ Path, Access string }

// Devices are the properties with which systemd keeps, when it is reloaded,
// what keg has denied on v1. On v2 it leaves keg's program alone.
func Devices(s *devices.Set) ([]Property, error) {
	strict, allowed, err := s.Systemd()
	if err != nil {
		return nil, err
	}
	policy, list := "auto", []Node{}
	if strict {
		policy = "strict"
	}
	for _, a := range allowed {
		list = append(list, Node{a.Node, a.Access})
	}
	return []Property{{"DevicePolicy", policy}, {"DeviceAllow", list}}, nil
}
