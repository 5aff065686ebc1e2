package container

import (
	"fmt"
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/host"
	"github.com/keg-project/keg/unit"
)

// compileDevices leaves the rules alone that the container has already: kubelet
// sends all that was asked for at create with each change of its CPUs, and a
// hook may have allowed a device beside the list meanwhile.
func (u *updating) compileDevices(list []oci.LinuxDeviceCgroup) error {
	if len(list) == 0 {
		return nil
	}
	if same, err := u.asCreated(list); same || err != nil {
		return err
	}
	if u.cgroup == nil {
		return u.noCgroup()
	}
	h, err := host.Detect()
	if err != nil {
		return err
	}
	f := deviceFacts(h, u.cgroup.Dirs())
	f.Nodes = true // a list that is given now is not given for show
	u.devices, _, err = devices.Enforce(list, f)
	if err == nil && u.devices != nil && u.state.Unit != "" && f.Control == devices.V1Files {
		u.properties, err = unit.Devices(u.devices)
	}
	return err
}

// updateDevices tells systemd first, which writes its own idea of the rules, and
// adds to those that it knows unless it is to forget them.
func (u *updating) updateDevices() error {
	if u.properties != nil {
		forget := unit.Property{Name: "DeviceAllow", Value: []unit.Node{}}
		if err := setUnit(u.state, append([]unit.Property{forget}, u.properties...)); err != nil {
			return fmt.Errorf("tell systemd the devices of %s: %w", u.state.Unit, err)
		}
	}
	return u.cgroup.SetDevices(u.devices)
}

func (u *updating) asCreated(list []oci.LinuxDeviceCgroup) (bool, error) {
	if u.state.DevicesChanged {
		return false, nil
	}
	s, err := recordedSpec(u.dir)
	if err != nil || s.Linux == nil || s.Linux.Resources == nil {
		return false, err
	}
	return slices.EqualFunc(list, s.Linux.Resources.Devices, sameRule), nil
}

func sameRule(a, b oci.LinuxDeviceCgroup) bool {
	return a.Allow == b.Allow && a.Type == b.Type && a.Access == b.Access && sameNumber(a.Major, b.Major) && sameNumber(a.Minor, b.Minor)
}

func sameNumber(a, b *int64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
