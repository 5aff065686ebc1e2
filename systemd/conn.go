package systemd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	callTimeout = 10 * time.Second // of one call: a manager that works answers within milliseconds
	jobTimeout  = 30 * time.Second // of a unit's start or stop: one on a busy machine may have many before it
)

const (
	managerName      = "org.freedesktop.systemd1"
	managerPath      = "/org/freedesktop/systemd1"
	managerInterface = "org.freedesktop.systemd1.Manager"
	busInterface     = "org.freedesktop.DBus"
)

// dial connects to a manager, or to a bus that the manager is on.
func dial(path string, bus bool) (*Manager, error) {
	raw, err := net.DialTimeout("unix", path, callTimeout)
	if err != nil {
		return nil, err
	}
	conn, err := dbus.NewConn(&socket{Conn: raw}, dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		raw.Close()
		return nil, err
	}
	m := &Manager{conn, make(chan *dbus.Signal, 64)}
	// Before any call: the end of a job may be told before the call that began it
	// is answered.
	conn.Signal(m.signals)
	if err := m.authenticate(raw); err != nil {
		conn.Close()
		return nil, fmt.Errorf("authenticate to %s: %w", path, err)
	}
	if bus {
		err = m.subscribe()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return m, nil
}

// authenticate gives no name: the server asks the kernel who the caller is, and
// a name would be that of the caller's user namespace.
func (m *Manager) authenticate(raw net.Conn) error {
	if err := raw.SetDeadline(time.Now().Add(callTimeout)); err != nil {
		return err
	}
	if err := m.conn.Auth([]dbus.Auth{dbus.AuthExternal("")}); err != nil {
		return err
	}
	return raw.SetDeadline(time.Time{})
}

// subscribe asks for what a manager that is spoken to without a bus says unasked.
func (m *Manager) subscribe() error {
	if _, err := call(m.conn.BusObject(), busInterface+".Hello"); err != nil { // Conn.Hello has no deadline
		return err
	}
	const rule = "type='signal',interface='" + managerInterface + "',member='JobRemoved'"
	if _, err := call(m.conn.BusObject(), busInterface+".AddMatch", rule); err != nil {
		return err
	}
	_, err := m.manager("Subscribe")
	return err
}

func (m *Manager) object() dbus.BusObject { return m.conn.Object(managerName, managerPath) }

func (m *Manager) manager(method string, args ...any) ([]any, error) {
	return call(m.object(), managerInterface+"."+method, args...)
}

// call calls a method and waits for its answer.
func call(o dbus.BusObject, method string, args ...any) ([]any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	answer := o.CallWithContext(ctx, method, 0, args...)
	var refusal dbus.Error
	switch {
	case answer.Err == nil:
		return answer.Body, nil
	case errors.As(answer.Err, &refusal):
		return nil, fmt.Errorf("systemd: %w (%s)", answer.Err, refusal.Name)
	}
	return nil, fmt.Errorf("systemd has not answered %s within %v: %w", method, callTimeout, answer.Err)
}

func hasName(err error, name string) bool {
	var e dbus.Error
	return errors.As(err, &e) && e.Name == name
}
