package systemd

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/keg-project/keg/dbus"
)

// Manager is a connection to a systemd manager.
type Manager struct {
	conn *conn
}

// Connect connects to the system's manager, or to the user's.
func Connect(user bool) (*Manager, error) {
	var first error
	for _, a := range addresses(user) {
		c, err := dial(a.path, a.bus)
		if err == nil {
			return &Manager{c}, nil
		}
		if first == nil {
			first = err
		}
		if !unreachable(err) {
			return nil, fmt.Errorf("--systemd-cgroup: %w", err)
		}
	}
	return nil, noManager(user, first)
}

// unreachable tells whether another way may lead there.
func unreachable(err error) bool {
	for _, errno := range []syscall.Errno{syscall.ENOENT, syscall.ECONNREFUSED, syscall.EACCES, syscall.EPERM, syscall.ENOTDIR} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// Close ends the connection.
func (m *Manager) Close() error { return m.conn.stream.Close() }

// ControlGroup is the manager's own cgroup, which its units are in; "" is the
// root.
func (m *Manager) ControlGroup() (string, error) {
	call := dbus.Message{Path: managerPath, Interface: "org.freedesktop.DBus.Properties", Member: "Get",
		Body: []dbus.Value{dbus.String(managerInterface), dbus.String("ControlGroup")}}
	if m.conn.bus {
		call.Destination = managerName
	}
	answer, err := m.conn.call(call)
	if err != nil {
		return "", err
	}
	if len(answer.Body) != 1 || answer.Body[0].Type != "v" || len(answer.Body[0].List) != 1 {
		return "", errors.New("systemd has not said which cgroup is its own")
	}
	return strings.TrimSuffix(answer.Body[0].List[0].Text, "/"), nil
}
