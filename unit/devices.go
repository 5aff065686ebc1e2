package unit

import (
	"github.com/keg-project/keg/dbus"
	"github.com/keg-project/keg/devices"
)

// Devices are the properties with which systemd keeps, when it is reloaded,
// what keg has denied on v1. On v2 it leaves keg's program alone.
func Devices(s *devices.Set) ([]Property, error) {
	strict, allowed, err := s.Systemd()
	if err != nil {
		return nil, err
	}
	policy, list := "auto", dbus.Array("(ss)")
	if strict {
		policy = "strict"
	}
	for _, a := range allowed {
		list.List = append(list.List, dbus.Struct(dbus.String(a.Node), dbus.String(a.Access)))
	}
	return []Property{{"DevicePolicy", dbus.String(policy)}, {"DeviceAllow", list}}, nil
}
