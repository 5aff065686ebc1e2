package systemd

import (
	"errors"
	"fmt"

	"github.com/keg-project/keg/dbus"
	"github.com/keg-project/keg/unit"
)

// Names of a manager's errors. org.freedesktop.systemd1(5)
const (
	unitExists = "org.freedesktop.systemd1.UnitExists"
	noSuchUnit = "org.freedesktop.systemd1.NoSuchUnit"
)

// ErrExist is a unit that is there already, and not this container's.
var ErrExist = errors.New("the unit exists already")

// Vacant refuses a unit that is there. A failed one, left by who did not clear
// it away, is no hindrance.
func (m *Manager) Vacant(name string) error {
	_, err := m.conn.manager("GetUnit", dbus.String(name))
	if err == nil {
		m.conn.manager("ResetFailedUnit", dbus.String(name)) // if it is one
		_, err = m.conn.manager("GetUnit", dbus.String(name))
	}
	switch {
	case err == nil:
		return exists(name)
	case hasName(err, noSuchUnit):
		return nil
	}
	return err
}

func exists(name string) error {
	return fmt.Errorf("%s: %w (hint: systemctl status %s)", name, ErrExist, name)
}

// Start makes a transient unit and waits until it is there.
func (m *Manager) Start(name string, properties []unit.Property) error {
	args := []dbus.Value{dbus.String(name), dbus.String("fail"), encode(properties), dbus.Array("(sa(sv))")}
	answer, err := m.conn.manager("StartTransientUnit", args...)
	if hasName(err, unitExists) {
		return exists(name)
	}
	if err != nil {
		return err
	}
	return m.wait(answer.Text(0), name)
}

func encode(properties []unit.Property) dbus.Value {
	list := dbus.Array("(sv)")
	for _, p := range properties {
		list.List = append(list.List, dbus.Struct(dbus.String(p.Name), dbus.Variant(p.Value)))
	}
	return list
}
