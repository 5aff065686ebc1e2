package systemd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/keg-project/keg/dbus"
	"github.com/keg-project/keg/linux"
)

const (
	callTimeout = 10 * time.Second // of one call: a manager that works answers within milliseconds
	jobTimeout  = 30 * time.Second // of a unit's start or stop: one on a busy machine may have many before it
)

// conn is a connection to a manager, or to a bus that the manager is on.
type conn struct {
	stream  *linux.Stream
	bus     bool // messages need a destination
	serial  uint32
	buf     []byte
	signals []*dbus.Message // that came while something else was waited for
}

// dial connects and authenticates. The server asks the kernel who the caller
// is: a name that it was given would be that of the caller's user namespace.
func dial(path string, bus bool) (*conn, error) {
	deadline := time.Now().Add(callTimeout)
	stream, err := linux.DialStream(path, deadline)
	if err != nil {
		return nil, err
	}
	c := &conn{stream: stream, bus: bus}
	if err := c.authenticate(deadline); err != nil {
		stream.Close()
		return nil, err
	}
	if bus {
		_, err = c.callBus("Hello")
		if err == nil {
			_, err = c.callBus("AddMatch", dbus.String("type='signal',interface='"+managerInterface+"',member='JobRemoved'"))
		}
		if err == nil {
			_, err = c.manager("Subscribe")
		}
	}
	if err != nil {
		stream.Close()
		return nil, err
	}
	return c, nil
}

// authenticate. D-Bus specification, "Authentication Protocol": EXTERNAL. All
// goes out at once: a manager that reads BEGIN together with the first message
// waits for more before it looks at that message, and no more comes.
func (c *conn) authenticate(deadline time.Time) error {
	if err := c.stream.Write([]byte("\x00AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"), deadline); err != nil {
		return err
	}
	for {
		line, err := c.line(deadline)
		if err != nil {
			return err
		}
		switch word, _, _ := bytes.Cut(line, []byte{' '}); string(word) {
		case "DATA":
		case "OK":
			return nil
		default:
			return fmt.Errorf("systemd does not accept keg's user: %q", line)
		}
	}
}

// line reads a line of the authentication.
func (c *conn) line(deadline time.Time) ([]byte, error) {
	for {
		if i := bytes.Index(c.buf, []byte("\r\n")); i >= 0 {
			line := c.buf[:i]
			c.buf = c.buf[i+2:]
			return line, nil
		}
		if len(c.buf) > 1024 {
			return nil, errors.New("not a D-Bus server")
		}
		if err := c.fill(deadline); err != nil {
			return nil, err
		}
	}
}

func (c *conn) fill(deadline time.Time) error {
	if time.Now().After(deadline) {
		return os.ErrDeadlineExceeded // a manager that never stops talking of other things
	}
	p := make([]byte, 16<<10)
	n, err := c.stream.Read(p, deadline)
	c.buf = append(c.buf, p[:n]...)
	return err
}

// receive reads a message.
func (c *conn) receive(deadline time.Time) (*dbus.Message, error) {
	for {
		if len(c.buf) >= dbus.HeadSize {
			n, err := dbus.Size(c.buf)
			if err != nil {
				return nil, err
			}
			if len(c.buf) >= n {
				m, err := dbus.Unmarshal(c.buf[:n])
				c.buf = c.buf[n:]
				return m, err
			}
		}
		if err := c.fill(deadline); err != nil {
			return nil, err
		}
	}
}

// call sends a method call and waits for its answer.
func (c *conn) call(m dbus.Message) (*dbus.Message, error) {
	deadline := time.Now().Add(callTimeout)
	c.serial++
	m.Kind, m.Serial = dbus.MethodCall, c.serial
	answer, err := c.exchange(&m, deadline)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, fmt.Errorf("systemd has not answered %s within %v: %w", m.Member, callTimeout, err)
	}
	return answer, err
}

func (c *conn) exchange(m *dbus.Message, deadline time.Time) (*dbus.Message, error) {
	if err := c.stream.Write(m.Marshal(), deadline); err != nil {
		return nil, err
	}
	for {
		answer, err := c.receive(deadline)
		switch {
		case err != nil:
			return nil, err
		case answer.Kind == dbus.Signal:
			c.keep(answer)
		case answer.ReplySerial != m.Serial:
		case answer.Kind == dbus.Error:
			return nil, &Error{answer.ErrorName, answer.Text(0)}
		default:
			return answer, nil
		}
	}
}

// keep keeps the signals that may tell of keg's own job: of those the manager
// sends many, about every unit.
func (c *conn) keep(m *dbus.Message) {
	if m.Member == "JobRemoved" {
		c.signals = append(c.signals, m)
	}
}

// Error is a manager's answer that is not a result.
type Error struct{ Name, Text string }

func (e *Error) Error() string { return "systemd: " + e.Text + " (" + e.Name + ")" }

func hasName(err error, name string) bool {
	var e *Error
	return errors.As(err, &e) && e.Name == name
}

func (c *conn) callBus(method string, args ...dbus.Value) (*dbus.Message, error) {
	const name = "org.freedesktop.DBus"
	return c.call(dbus.Message{Destination: name, Path: "/org/freedesktop/DBus", Interface: name, Member: method, Body: args})
}

const (
	managerName      = "org.freedesktop.systemd1"
	managerPath      = "/org/freedesktop/systemd1"
	managerInterface = "org.freedesktop.systemd1.Manager"
)

func (c *conn) manager(method string, args ...dbus.Value) (*dbus.Message, error) {
	m := dbus.Message{Path: managerPath, Interface: managerInterface, Member: method, Body: args}
	if c.bus {
		m.Destination = managerName
	}
	return c.call(m)
}
