package systemd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/keg-project/keg/unit"
)

// The end of a job may be told before the call that began it is answered, among
// others, and a byte at a time.
func TestStart(t *testing.T) {
	for name, order := range map[string]func(*dbus.Message) [][]byte{
		"after": func(c *dbus.Message) [][]byte {
			return [][]byte{noise(), reply(c, dbus.ObjectPath("/job/7")), noise(), jobRemoved("/job/6", "failed"), jobRemoved("/job/7", "done")}
		},
		"before": func(c *dbus.Message) [][]byte {
			return [][]byte{jobRemoved("/job/6", "failed"), jobRemoved("/job/7", "done"), noise(), reply(c, dbus.ObjectPath("/job/7"))}
		},
	} {
		m := connected(t, func(m *manager) {
			call := m.next()
			if got := fmt.Sprint(words(call), call.Body[1:]); got != "StartTransientUnit x.scope[fail [[PIDs @au [5]]] []]" || call.Headers[dbus.FieldSignature].String() != `@g "ssa(sv)a(sa(sv))"` {
				t.Errorf("%s %v", got, call.Headers[dbus.FieldSignature])
			}
			for _, b := range bytes.Join(order(call), nil) {
				m.write([]byte{b})
			}
		})
		if err := m.Start("x.scope", []unit.Property{{Name: "PIDs", Value: []uint32{5}}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is told directly behind the authentication is heard.
func TestFirstSignal(t *testing.T) {
	m := connected(t, func(m *manager) { m.write(reply(m.next(), dbus.ObjectPath("/job/0"))) })
	if err := m.Start("x.scope", nil); err != nil {
		t.Error(err)
	}
}

func TestStartFails(t *testing.T) {
	for want, answer := range map[string]func(*dbus.Message) []byte{
		"the unit exists already":      func(c *dbus.Message) []byte { return failure(c, unitExists, "Unit x.scope already exists.") },
		"systemd: Cannot set property": func(c *dbus.Message) []byte { return failure(c, "e.e", "Cannot set property X") },
		"the job for x.scope ended: failed": func(c *dbus.Message) []byte {
			return append(reply(c, dbus.ObjectPath("/j")), jobRemoved("/j", "failed")...)
		},
		"has not said which job": func(c *dbus.Message) []byte { return reply(c) },
	} {
		m := connected(t, func(m *manager) { m.write(answer(m.next())) })
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
		m.write(failure(m.next(), noSuchUnit, "not loaded"))
		m.write(append(reply(m.next(), dbus.ObjectPath("/j")), jobRemoved("/j", "done")...))
		m.write(failure(m.next(), noSuchUnit, "not loaded"))
		var list []string
		for _, c := range m.seen {
			list = append(list, words(c))
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
			m.write(reply(call, dbus.ObjectPath("/u")))
		}
	}
	if err := connected(t, there).Vacant("x.scope"); !errors.Is(err, ErrExist) {
		t.Error(err)
	}
	failed := func(m *manager) {
		m.write(reply(m.next(), dbus.ObjectPath("/u")))
		m.write(reply(m.next()))
		m.write(failure(m.next(), noSuchUnit, "not loaded"))
		if words(m.seen[1]) != "ResetFailedUnit x.scope" {
			t.Error(m.seen[1])
		}
	}
	if err := connected(t, failed).Vacant("x.scope"); err != nil {
		t.Error(err)
	}
}

func TestControlGroup(t *testing.T) {
	for group, want := range map[string]string{"/": "", "": "", "/a/b.service": "/a/b.service"} {
		m := connected(t, func(m *manager) { m.write(reply(m.next(), dbus.MakeVariant(group))) })
		if got, err := m.ControlGroup(); err != nil || got != want {
			t.Errorf("%q: %q, %v", group, got, err)
		}
	}
	m := connected(t, func(m *manager) { m.write(reply(m.next())) })
	if got, err := m.ControlGroup(); err == nil {
		t.Errorf("%q", got)
	}
}

// On a bus the manager's signals have to be asked for, before any call.
func TestBus(t *testing.T) {
	calls := make(chan string, 8)
	path := listen(t, func(m *manager) {
		m.authenticate()
		for call := m.next(); call != nil; call = m.next() {
			calls <- fmt.Sprint(call.Headers[dbus.FieldDestination].Value(), " ", call.Headers[dbus.FieldMember].Value(), call.Body)
			m.write(reply(call, ":1.5"))
		}
		close(calls)
	})
	m, err := dial(path, true)
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	for _, want := range []string{
		"org.freedesktop.DBus Hello[]",
		"org.freedesktop.DBus AddMatch[type='signal',interface='org.freedesktop.systemd1.Manager',member='JobRemoved']",
		"org.freedesktop.systemd1 Subscribe[]",
	} {
		if got := <-calls; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A manager that ends the connection is not waited for.
func TestClosed(t *testing.T) {
	for want, serve := range map[string]func(*manager){
		"has not answered org.freedesktop.systemd1.Manager.StartTransientUnit": func(m *manager) { m.next() },
		"before it ended the job for x.scope":                                  func(m *manager) { m.write(reply(m.next(), dbus.ObjectPath("/j"))) },
	} {
		m, err := dial(listen(t, func(m *manager) {
			m.authenticate()
			serve(m)
		}), false)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if err := m.Start("x.scope", nil); err == nil || !strings.Contains(err.Error(), want) || time.Since(begin) > callTimeout/2 {
			t.Errorf("%v after %v, want %s", err, time.Since(begin), want)
		}
		m.Close()
	}
}

// Who does not let keg in says so, or is no D-Bus server.
func TestRefused(t *testing.T) {
	for answer, want := range map[string]string{
		"REJECTED EXTERNAL\r\nREJECTED EXTERNAL\r\n": "authentication failed",
		"HTTP/1.1 400 Bad\r\n\r\n":                   "protocol error",
	} {
		path := listen(t, func(m *manager) {
			m.write([]byte(answer))
			for _, err := m.in.ReadByte(); err == nil; _, err = m.in.ReadByte() {
			}
		})
		if _, err := dial(path, false); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "authenticate to "+path) {
			t.Errorf("%.10q: %v, want %s", answer, err, want)
		}
	}
}

// Nothing of the library outlives a connection: neither a goroutine nor a socket.
func TestNothingLives(t *testing.T) {
	stacks := func() string {
		b := make([]byte, 1<<20)
		return string(b[:runtime.Stack(b, true)])
	}
	m := connected(t, func(m *manager) {
		m.write(noise(), reply(m.next(), dbus.ObjectPath("/j")), jobRemoved("/j", "done"), noise())
	})
	if err := m.Start("x.scope", nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stacks(), "godbus/dbus") {
		t.Fatal("no goroutine of the library's is found while it is connected")
	}
	m.Close()
	if _, err := m.manager("GetUnit", "x.scope"); err == nil {
		t.Error("a connection that is closed has answered")
	}
	for end := time.Now().Add(time.Minute); strings.Contains(stacks(), "godbus/dbus"); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal(stacks())
		}
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
