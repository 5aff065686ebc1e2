package systemd

import (
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"

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
	_, err := m.manager("GetUnit", name)
	if err == nil {
		m.manager("ResetFailedUnit", name) // if it is one
		_, err = m.manager("GetUnit", name)
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
	answer, err := m.manager("StartTransientUnit", name, "fail", typed(properties), []auxiliary{})
	if hasName(err, unitExists) {
		return exists(name)
	}
	if err != nil {
		return err
	}
	return m.finish(answer, name)
}

// property and auxiliary are (sv) and (sa(sv)).
type property struct {
	Name  string
	Value dbus.Variant
}

type auxiliary struct {
	Name       string
	Properties []property
}

func typed(properties []unit.Property) []property {
	list := make([]property, len(properties))
	for i, p := range properties {
		list[i] = property{p.Name, dbus.MakeVariant(p.Value)}
	}
	return list
}
