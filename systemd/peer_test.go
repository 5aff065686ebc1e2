package systemd

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"testing"

	"github.com/godbus/dbus/v5"
)

// manager is the other end of a connection, for what a real manager does not do
// when it is asked to: answer late, in pieces, wrongly, or not at all.
type manager struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	seen []*dbus.Message
}

// connected is a connection to a manager that does as serve says.
func connected(t *testing.T, serve func(*manager)) *Manager {
	t.Helper()
	path := listen(t, func(m *manager) {
		m.authenticate()
		serve(m)
		io.Copy(io.Discard, m.in) // until keg has enough
	})
	m, err := dial(path, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// listen serves one connection.
func listen(t *testing.T, serve func(*manager)) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "private")
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
		serve(&manager{t: t, conn: c, in: bufio.NewReader(c)})
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return path
}

// authenticate has a signal directly behind its last line.
func (m *manager) authenticate() {
	m.expect("\x00AUTH\r\n")
	m.write([]byte("REJECTED EXTERNAL ANONYMOUS\r\n"))
	m.expect("AUTH EXTERNAL\r\n")
	m.write([]byte("DATA\r\n"))
	m.expect("DATA\r\nBEGIN\r\n")
	m.write([]byte("O"), append([]byte("K 0123\r\n"), jobRemoved("/job/0", "done")...))
}

func (m *manager) expect(want string) {
	got := make([]byte, len(want))
	if _, err := io.ReadFull(m.in, got); err != nil || string(got) != want {
		m.t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func (m *manager) write(pieces ...[]byte) {
	for _, b := range pieces {
		m.conn.Write(b)
	}
}

// next reads a call.
func (m *manager) next() *dbus.Message {
	call, err := dbus.DecodeMessage(m.in)
	if err != nil {
		return nil // keg has closed the connection
	}
	m.seen = append(m.seen, call)
	return call
}

func encode(t dbus.Type, headers map[dbus.HeaderField]any, body ...any) []byte {
	m := dbus.Message{Type: t, Headers: map[dbus.HeaderField]dbus.Variant{}, Body: body}
	for field, value := range headers {
		m.Headers[field] = dbus.MakeVariant(value)
	}
	if len(body) > 0 {
		m.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
	}
	var b bytes.Buffer
	if err := m.EncodeTo(&b, binary.LittleEndian); err != nil {
		panic(err)
	}
	data := b.Bytes()
	data[8] = 1 // the serial, which the library keeps to itself
	return data
}

func reply(call *dbus.Message, body ...any) []byte {
	return encode(dbus.TypeMethodReply, map[dbus.HeaderField]any{dbus.FieldReplySerial: call.Serial()}, body...)
}

func failure(call *dbus.Message, name, text string) []byte {
	return encode(dbus.TypeError, map[dbus.HeaderField]any{dbus.FieldReplySerial: call.Serial(), dbus.FieldErrorName: name}, text)
}

func signal(member string, body ...any) []byte {
	return encode(dbus.TypeSignal, map[dbus.HeaderField]any{dbus.FieldPath: dbus.ObjectPath(managerPath), dbus.FieldInterface: managerInterface, dbus.FieldMember: member}, body...)
}

func jobRemoved(job, result string) []byte {
	return signal("JobRemoved", uint32(1), dbus.ObjectPath(job), "x.scope", result)
}

func noise() []byte { return signal("UnitNew", "y.service") }

// words are a call's method and first argument.
func words(call *dbus.Message) string {
	return call.Headers[dbus.FieldMember].Value().(string) + " " + call.Body[0].(string)
}
