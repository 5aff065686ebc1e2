package checkpoint

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

// console listens for a terminal, as an engine does.
func console(t *testing.T, b *kegtest.Bundle) *net.UnixListener {
	t.Helper()
	path := filepath.Join(b.Dir, "console")
	os.Remove(path)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// master receives the terminal.
func master(t *testing.T, l *net.UnixListener) *os.File {
	t.Helper()
	l.SetDeadline(time.Now().Add(time.Minute))
	c, err := l.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	oob := make([]byte, syscall.CmsgSpace(4))
	_, n, _, _, err := c.ReadMsgUnix(make([]byte, 4096), oob)
	if err != nil {
		t.Fatal(err)
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:n])
	if err != nil || len(messages) != 1 {
		t.Fatalf("%v, %v", messages, err)
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		t.Fatalf("%v, %v", fds, err)
	}
	syscall.SetNonblock(fds[0], true) // for the deadlines
	f := os.NewFile(uintptr(fds[0]), "master")
	t.Cleanup(func() { f.Close() })
	return f
}

// shows types a command, and waits for the answer, which is not what was typed.
func shows(t *testing.T, master *os.File, command, answer string) {
	t.Helper()
	if _, err := master.WriteString(command + "\n"); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	buf := make([]byte, 4096)
	master.SetReadDeadline(time.Now().Add(time.Minute))
	for !strings.Contains(seen.String(), answer) {
		n, err := master.Read(buf)
		if seen.Write(buf[:n]); err != nil {
			t.Fatalf("%q: %v, after %q", command, err, seen.String())
		}
	}
}

func settings(t *testing.T, master *os.File) (s syscall.Termios) {
	t.Helper()
	raw, err := master.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { kegtest.Control(t, int(fd), syscall.TCGETS, unsafe.Pointer(&s)) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A terminal is restored with its settings, and its other end goes to the one who
// asks for it then.
func TestTerminal(t *testing.T) {
	needCRIU(t)
	before := kegtest.Leftovers()
	b := newBox(t)
	b.Spec.Process.Terminal = true
	b.Write()
	l := console(t, b.Bundle)
	must(t, b.Keg("run", "-d", "--console-socket", l.Addr().String(), "--bundle", b.Dir, b.ID()))
	old := master(t, l)
	shows(t, old, "a=first; echo $a$i", "first1")
	set := settings(t, old)
	b.save(b.images("x"))
	old.Close()
	refused(t, b.Keg("restore", "-d", "--image-path", b.images("x"), "--bundle", b.Dir, b.ID()), "--console-socket must name a socket")

	l.Close()
	l = console(t, b.Bundle)
	must(t, b.Keg("restore", "-d", "--console-socket", l.Addr().String(), "--image-path", b.images("x"), "--bundle", b.Dir, b.ID()))
	now := master(t, l)
	if got := settings(t, now); got != set {
		t.Errorf("the settings were %+v, are %+v", set, got)
	}
	shows(t, now, "echo $a$i; test -t 0 && test -c /dev/console && echo term$(echo inal)", "first2")
	shows(t, now, ":", "= 3")
	must(t, b.Keg("delete", "-f", b.ID()))
	b.gone(before)
}
