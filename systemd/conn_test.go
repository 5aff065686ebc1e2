package systemd

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/dbus"
	"github.com/keg-project/keg/unit"
)

// manager is the other end of a connection, for what a real manager does not do
// when it is asked to: answer late, in pieces, wrongly, or not at all.
type manager struct {
	t    *testing.T
	conn net.Conn
	seen []*dbus.Message
}

// connected is a connection to a manager that does as serve says.
func connected(t *testing.T, serve func(*manager)) *Manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "private")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		m := &manager{t: t, conn: c}
		m.authenticate()
		serve(m)
	}()
	c, err := dial(path, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.stream.Close()
		l.Close()
		<-done
	})
	return &Manager{c}
}

func (m *manager) authenticate() {
	want := "\x00AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(m.conn, got); err != nil || string(got) != want {
		m.t.Errorf("%q, %v", got, err)
	}
	m.conn.Write([]byte("DATA\r\nO"))
	m.conn.Write([]byte("K 0123\r\n"))
}

// next reads a call.
func (m *manager) next() *dbus.Message {
	head := make([]byte, dbus.HeadSize)
	if _, err := io.ReadFull(m.conn, head); err != nil {
		return nil
	}
	n, err := dbus.Size(head)
	if err != nil {
		m.t.Error(err)
		return nil
	}
	data := append(head, make([]byte, n-len(head))...)
	if _, err := io.ReadFull(m.conn, data[len(head):]); err != nil {
		m.t.Error(err)
	}
	call, err := dbus.Unmarshal(data)
	if err != nil {
		m.t.Error(err)
	}
	m.seen = append(m.seen, call)
	return call
}

func reply(call *dbus.Message, body ...dbus.Value) []byte {
	return (&dbus.Message{Kind: dbus.MethodReturn, Serial: 1, ReplySerial: call.Serial, Body: body}).Marshal()
}

func failure(call *dbus.Message, name, text string) []byte {
	return (&dbus.Message{Kind: dbus.Error, Serial: 1, ReplySerial: call.Serial, ErrorName: name, Body: []dbus.Value{dbus.String(text)}}).Marshal()
}

func object(path string) dbus.Value { return dbus.Value{Type: "o", Text: path} }

func removed(job, result string) []byte {
	return (&dbus.Message{Kind: dbus.Signal, Serial: 2, Path: managerPath, Interface: managerInterface, Member: "JobRemoved",
		Body: []dbus.Value{dbus.Uint32(1), object(job), dbus.String("x.scope"), dbus.String(result)}}).Marshal()
}

func noise() []byte {
	return (&dbus.Message{Kind: dbus.Signal, Serial: 2, Path: "/u", Interface: "i.i", Member: "UnitNew", Body: []dbus.Value{dbus.String("y.service")}}).Marshal()
}

// The end of a job may be told before the call that began it is answered, among
// others, and a byte at a time.
func TestStart(t *testing.T) {
	for name, order := range map[string]func(*dbus.Message) [][]byte{
		"after": func(c *dbus.Message) [][]byte {
			return [][]byte{noise(), reply(c, object("/job/7")), noise(), removed("/job/6", "failed"), removed("/job/7", "done")}
		},
		"before": func(c *dbus.Message) [][]byte {
			return [][]byte{removed("/job/6", "failed"), removed("/job/7", "done"), noise(), reply(c, object("/job/7"))}
		},
	} {
		m := connected(t, func(m *manager) {
			call := m.next()
			if call.Member != "StartTransientUnit" || call.Destination != "" || call.Text(0) != "x.scope" || call.Text(1) != "fail" || call.Body[2].String() != `[("PIDs", [5])]` {
				t.Errorf("%+v", call)
			}
			for _, b := range bytes.Join(order(call), nil) {
				m.conn.Write([]byte{b})
			}
			m.next()
		})
		if err := m.Start("x.scope", []unit.Property{{Name: "PIDs", Value: dbus.Array("u", dbus.Uint32(5))}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStartFails(t *testing.T) {
	for want, answer := range map[string]func(*dbus.Message) []byte{
		"the unit exists already":           func(c *dbus.Message) []byte { return failure(c, unitExists, "Unit x.scope already exists.") },
		"systemd: Cannot set property":      func(c *dbus.Message) []byte { return failure(c, "e.e", "Cannot set property X") },
		"the job for x.scope ended: failed": func(c *dbus.Message) []byte { return append(reply(c, object("/j")), removed("/j", "failed")...) },
		"the other side has closed":         func(c *dbus.Message) []byte { return reply(c, object("/j")) },
		"not little-endian":                 func(c *dbus.Message) []byte { return append([]byte{'B'}, reply(c)[1:]...) },
		"ends within":                       func(c *dbus.Message) []byte { b := reply(c, dbus.String("x")); b[len(b)-6]++; return b },
	} {
		m := connected(t, func(m *manager) { m.conn.Write(answer(m.next())) })
		err := m.Start("x.scope", nil)
		if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, ErrExist) != strings.Contains(want, "exists") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A unit that is gone is stopped; one that ended badly is forgotten as well.
func TestStop(t *testing.T) {
	calls := make(chan string, 1)
	m := connected(t, func(m *manager) {
		m.conn.Write(failure(m.next(), noSuchUnit, "not loaded"))
		m.conn.Write(append(reply(m.next(), object("/j")), removed("/j", "done")...))
		m.conn.Write(failure(m.next(), noSuchUnit, "not loaded"))
		var list []string
		for _, c := range m.seen {
			list = append(list, c.Member+" "+c.Text(0))
		}
		calls <- strings.Join(list, ", ")
	})
	err := errors.Join(m.Stop("x.scope"), m.Stop("x.scope"))
	if got := <-calls; err != nil || got != "StopUnit x.scope, StopUnit x.scope, ResetFailedUnit x.scope" {
		t.Errorf("%v, %s", err, got)
	}
}

// Only a unit that there is not, or that is forgotten when it is asked for, is vacant.
func TestVacant(t *testing.T) {
	there := func(m *manager) {
		for call := m.next(); call != nil; call = m.next() {
			m.conn.Write(reply(call, object("/u")))
		}
	}
	if err := connected(t, there).Vacant("x.scope"); !errors.Is(err, ErrExist) {
		t.Error(err)
	}
	failed := func(m *manager) {
		m.conn.Write(reply(m.next(), object("/u")))
		m.conn.Write(reply(m.next()))
		m.conn.Write(failure(m.next(), noSuchUnit, "not loaded"))
		if m.seen[1].Member != "ResetFailedUnit" {
			t.Errorf("%+v", m.seen[1])
		}
	}
	if err := connected(t, failed).Vacant("x.scope"); err != nil {
		t.Error(err)
	}
}

func TestControlGroup(t *testing.T) {
	for group, want := range map[string]string{"/": "", "": "", "/a/b.service": "/a/b.service"} {
		m := connected(t, func(m *manager) { m.conn.Write(reply(m.next(), dbus.Variant(dbus.String(group)))) })
		if got, err := m.ControlGroup(); err != nil || got != want {
			t.Errorf("%q: %q, %v", group, got, err)
		}
	}
	m := connected(t, func(m *manager) { m.conn.Write(reply(m.next())) })
	if got, err := m.ControlGroup(); err == nil {
		t.Errorf("%q", got)
	}
}

// Who does not let keg in says so, or is no D-Bus server.
func TestRefused(t *testing.T) {
	for answer, want := range map[string]string{
		"REJECTED EXTERNAL\r\n":    "does not accept keg's user",
		strings.Repeat("x", 2000):  "not a D-Bus server",
		"HTTP/1.1 400 Bad\r\n\r\n": "does not accept",
	} {
		path := filepath.Join(t.TempDir(), "s")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if c, err := l.Accept(); err == nil {
				c.Write([]byte(answer))
				io.Copy(io.Discard, c)
			}
		}()
		if _, err := dial(path, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.10q: %v, want %s", answer, err, want)
		}
		l.Close()
	}
}

func TestAddresses(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "tcp:host=x;unix:path=/a%20b,guid=1;unix:abstract=c")
	if got := addresses(false); len(got) != 4 || got[0].path != "/a b" || !got[0].bus || got[1].path != "@c" || got[2].path != systemPrivate || got[2].bus {
		t.Errorf("%+v", got)
	}
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/5")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/5/bus")
	if got := addresses(true); len(got) != 2 || got[0].path != "/run/user/5/systemd/private" || got[0].bus || got[1].path != "/run/user/5/bus" || !got[1].bus {
		t.Errorf("%+v", got)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/other")
	if got := addresses(true); got[0].path != "/other" {
		t.Errorf("%+v", got)
	}
}

func TestUnreachable(t *testing.T) {
	_, err := dial(filepath.Join(t.TempDir(), "none"), false)
	if !unreachable(err) || unreachable(os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	if text := noManager(true, err).Error(); !strings.Contains(text, "--systemd-cgroup: ") || !strings.Contains(text, "hint: ") {
		t.Error(text)
	}
}
