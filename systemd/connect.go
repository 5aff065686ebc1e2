package systemd

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/godbus/dbus/v5"
)

// Manager is a connection to a systemd manager.
type Manager struct {
	conn    *dbus.Conn
	signals chan *dbus.Signal
}

// Connect connects to the system's manager, or to the user's.
func Connect(user bool) (*Manager, error) {
	var first error
	for _, a := range addresses(user) {
		m, err := dial(a.path, a.bus)
		if err == nil {
			return m, nil
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
func (m *Manager) Close() error { return m.conn.Close() }

// ControlGroup is the manager's own cgroup, which its units are in; "" is the
// root.
func (m *Manager) ControlGroup() (string, error) {
	answer, err := call(m.object(), "org.freedesktop.DBus.Properties.Get", managerInterface, "ControlGroup")
	if err != nil {
		return "", err
	}
	var group string
	if err := dbus.Store(answer, &group); err != nil {
		return "", fmt.Errorf("systemd has not said which cgroup is its own: %w", err)
	}
	return strings.TrimSuffix(group, "/"), nil
}
