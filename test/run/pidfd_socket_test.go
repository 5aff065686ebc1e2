package run

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// The pidfd of the init, and that of what joins the container, go to whoever
// listens, under runc's names.
func TestPidfdSocket(t *testing.T) {
	b := kegtest.NewBundle(t, "sleep", "100")
	path, received := pidfdReceiver(t, b)
	pidFile := filepath.Join(b.Dir, "pid")
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	if r := b.Keg("create", "--bundle", b.Dir, "--pidfd-socket", path, "--pid-file", pidFile, b.ID()); r.Code != 0 {
		t.Fatalf("create: %+v", r)
	}
	if got, want := <-received, "standard "+content(t, pidFile); got != want {
		t.Errorf("create sent %s, want %s", got, want)
	}
	if r := b.Keg("start", b.ID()); r.Code != 0 {
		t.Fatalf("start: %+v", r)
	}
	for _, command := range [][]string{{"exec", "--detach"}, {"exec"}} {
		if r := b.Keg(append(command, "--pidfd-socket", path, "--pid-file", pidFile, b.ID(), "sleep", "1")...); r.Code != 0 {
			t.Fatalf("exec: %+v", r)
		}
		if got, want := <-received, "setns "+content(t, pidFile); got != want {
			t.Errorf("%s sent %s, want %s", command, got, want)
		}
	}
}

func TestRunSendsAPidfd(t *testing.T) {
	b := kegtest.NewBundle(t, "sleep", "1")
	path, received := pidfdReceiver(t, b)
	b.Output("--pidfd-socket", path, "--pid-file", filepath.Join(b.Dir, "pid"))
	if got, want := <-received, "standard "+content(t, filepath.Join(b.Dir, "pid")); got != want {
		t.Errorf("run sent %s, want %s", got, want)
	}
}

// pidfdReceiver tells of each message that comes its text and the pid.
func pidfdReceiver(t *testing.T, b *kegtest.Bundle) (path string, received <-chan string) {
	t.Helper()
	path = filepath.Join(b.Dir, "pidfd.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	all := make(chan string, 4)
	go func() {
		for {
			conn, err := l.AcceptUnix()
			if err != nil {
				return
			}
			all <- receivePidfd(conn)
			conn.Close()
		}
	}()
	return path, all
}

func receivePidfd(conn *net.UnixConn) string {
	conn.SetReadDeadline(time.Now().Add(time.Minute))
	text, rights := make([]byte, 64), make([]byte, 64)
	n, m, _, _, err := conn.ReadMsgUnix(text, rights)
	if err != nil {
		return err.Error()
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:m])
	if err != nil || len(messages) != 1 {
		return "no descriptor"
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return "no descriptor"
	}
	defer syscall.Close(fds[0])
	info, _ := os.ReadFile("/proc/self/fdinfo/" + strconv.Itoa(fds[0]))
	_, rest, _ := bytes.Cut(info, []byte("\nPid:"))
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	return string(text[:n]) + " " + string(bytes.TrimSpace(line))
}

func content(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
