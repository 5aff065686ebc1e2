package terminal

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/keg-project/keg/test/kegtest"
)

// agent listens on a console socket, as an engine does.
type agent struct {
	t    *testing.T
	path string
	l    *net.UnixListener
}

func newAgent(t *testing.T, name string) *agent {
	t.Helper()
	a := &agent{t: t, path: filepath.Join(kegtest.TempDir(t), name)}
	// Its own address is limited to 108 bytes; the path that keg gets is not.
	short := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := os.MkdirAll(filepath.Dir(a.path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(short, a.path); err != nil {
		t.Fatal(err)
	}
	a.l = l
	t.Cleanup(func() { l.Close() })
	return a
}

// master receives one message with exactly one descriptor, and a name, without
// which some engines take it for an end of file.
func (a *agent) master() *os.File {
	a.t.Helper()
	a.l.SetDeadline(time.Now().Add(time.Minute))
	c, err := a.l.AcceptUnix()
	if err != nil {
		a.t.Fatal(err)
	}
	defer c.Close()
	name, oob := make([]byte, 4096), make([]byte, syscall.CmsgSpace(4*4))
	n, oobn, _, _, err := c.ReadMsgUnix(name, oob)
	if err != nil {
		a.t.Fatal(err)
	}
	msgs, err := syscall.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(msgs) != 1 || n == 0 {
		a.t.Fatalf("%d bytes, %d control messages, %v", n, len(msgs), err)
	}
	fds, err := syscall.ParseUnixRights(&msgs[0])
	if err != nil || len(fds) != 1 {
		a.t.Fatalf("%d descriptors, %v", len(fds), err)
	}
	syscall.SetNonblock(fds[0], true) // for the deadlines
	f := os.NewFile(uintptr(fds[0]), string(name[:n]))
	a.t.Cleanup(func() { f.Close() })
	return f
}

// until reads what the terminal shows until text has come.
func until(t *testing.T, master *os.File, text string) string {
	t.Helper()
	var seen strings.Builder
	buf := make([]byte, 4096)
	master.SetReadDeadline(time.Now().Add(time.Minute))
	for !strings.Contains(seen.String(), text) {
		n, err := master.Read(buf)
		seen.Write(buf[:n])
		if err != nil {
			t.Fatalf("%q never came: %v; the terminal shows\n%q", text, err, seen.String())
		}
	}
	return seen.String()
}

// What containerd, Docker and conmon do: create with a console socket, start,
// and use the terminal that came by then. It is set as a new pty is: the engine, or
// the client behind it, decides on carriage returns.
func TestConsoleSocket(t *testing.T) {
	b := bundle(t, "sh", "-c", `stty size; ls -1 --color=never /proc/1/fd; readlink /proc/1/fd/0; read x; echo got $x; trap 'stty size; exit 0' WINCH; echo set; while :; do sleep 0.1; done`)
	b.Spec.Process.ConsoleSize = nil
	b.Write()
	a := newAgent(t, strings.Repeat("long/", 30)+"socket")
	if r := b.Keg("create", "--bundle", b.Dir, "--console-socket", a.path, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	defer b.Keg("delete", "-f", b.ID())
	master := a.master()
	resize(t, master, 31, 71)
	if r := b.Keg("start", b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	if got := until(t, master, "/dev/pts/0\r\n"); !strings.Contains(got, "31 71\r\n0\r\n1\r\n2\r\n/dev") {
		t.Errorf("%q", got)
	}
	master.WriteString("line\n")
	until(t, master, "got line\r\nset\r\n")
	resize(t, master, 44, 88)
	until(t, master, "44 88\r\n")
}

func resize(t *testing.T, master *os.File, rows, columns uint16) {
	t.Helper()
	size := [4]uint16{rows, columns}
	raw, err := master.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) { kegtest.Control(t, int(fd), syscall.TIOCSWINSZ, unsafe.Pointer(&size)) })
}

// The master that an engine closes is the last one: the program gets SIGHUP.
func TestNobodyElseHasTheMaster(t *testing.T) {
	b := bundle(t, "sh", "-c", "trap 'echo hung up >/tmp/end; exit 0' HUP; echo ready; while :; do sleep 0.1; done")
	b.Write()
	a := newAgent(t, "socket")
	if r := b.Keg("run", "--detach", "--bundle", b.Dir, "--console-socket", a.path, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	defer b.Keg("delete", "-f", b.ID())
	master := a.master()
	until(t, master, "ready\r\n")
	master.Close()
	waitFor(t, "the hang-up", func() bool {
		_, err := os.Stat(filepath.Join(b.Dir, "rootfs/tmp/end"))
		return err == nil
	})
}

// An engine that goes away while the container is made.
func TestReceiverGone(t *testing.T) {
	b := bundle(t, "true")
	b.Write()
	a := newAgent(t, "socket")
	go func() {
		if c, err := a.l.Accept(); err == nil {
			c.Close()
		}
	}()
	r := b.Keg("create", "--bundle", b.Dir, "--console-socket", a.path, b.ID())
	if r.Code == 0 { // the message was on its way before the end was closed
		b.Keg("delete", "-f", b.ID())
		return
	}
	if !strings.HasPrefix(r.Stderr, "keg: process.terminal: --console-socket: sendmsg "+a.path+": broken pipe (hint: ") {
		t.Error(r.Stderr)
	}
	if r := b.Keg("list", "-q"); r.Stdout != "" {
		t.Errorf("left: %q", r.Stdout)
	}
}
