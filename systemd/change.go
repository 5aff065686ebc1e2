package systemd

import (
	"github.com/keg-project/keg/unit"
)

// Set changes properties of a unit, until it ends.
func (m *Manager) Set(name string, properties []unit.Property) error {
	if len(properties) == 0 {
		return nil
	}
	const runtime = true
	_, err := m.manager("SetUnitProperties", name, runtime, typed(properties))
	return err
}

// Attach moves processes into a unit, or a cgroup below it, where the caller
// itself may not. Linux asks for rights over both cgroups, systemd whether the
// process and the unit are the caller's.
func (m *Manager) Attach(name, subgroup string, pids ...uint32) error {
	_, err := m.manager("AttachProcessesToUnit", name, subgroup, pids)
	return err
}
