package systemd

import (
	"github.com/keg-project/keg/dbus"
)

// Stop ends a unit and all that is in it, and has systemd forget it. One that
// is gone already is fine.
func (m *Manager) Stop(name string) error {
	answer, err := m.conn.manager("StopUnit", dbus.String(name), dbus.String("replace"))
	if hasName(err, noSuchUnit) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := m.wait(answer.Text(0), name); err != nil {
		return err
	}
	if _, err := m.conn.manager("ResetFailedUnit", dbus.String(name)); err != nil && !hasName(err, noSuchUnit) {
		return err
	}
	return nil
}
