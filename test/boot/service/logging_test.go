package service

import (
	"bufio"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// received is a stream that the machine's logging daemon has been sent.
type received struct {
	name  string
	lines *bufio.Reader
	file  *os.File
}

// daemon listens as LinuxKit's memlogd does.
func daemon(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	s, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func receive(t *testing.T, s *net.UnixConn, patience time.Duration) (received, bool) {
	t.Helper()
	name, oob := make([]byte, 512), make([]byte, 512)
	s.SetReadDeadline(time.Now().Add(patience))
	n, oobn, _, _, err := s.ReadMsgUnix(name, oob)
	if err != nil {
		return received{}, false
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:oobn])
	must(t, err)
	fds, err := syscall.ParseUnixRights(&messages[0])
	must(t, err)
	f := os.NewFile(uintptr(fds[0]), string(name[:n]))
	t.Cleanup(func() { f.Close() })
	return received{string(name[:n]), bufio.NewReader(f), f}, true
}

func (r received) line(t *testing.T) string {
	t.Helper()
	type result struct {
		text string
		err  error
	}
	c := make(chan result, 1)
	go func() {
		text, err := r.lines.ReadString('\n')
		c <- result{text, err}
	}()
	select {
	case got := <-c:
		must(t, got.err)
		return strings.TrimSuffix(got.text, "\n")
	case <-time.After(patience):
		t.Fatalf("%s: no line", r.name)
	}
	return ""
}

// Where somebody logs for the machine, the service's FIFOs are theirs: once, over
// restarts and a supervisor's crash, and again when both are gone.
func TestServicesExternalLogging(t *testing.T) {
	w := newWorld(t)
	d := daemon(t, w.path("none"))
	w.bundle("x", `echo out; echo err >&2; trap "" TERM; while [ ! -e /data/end ]; do sleep 0.02; done; rm /data/end; exit 1`,
		map[string]string{"grace": "0", "backoff": "20ms"})
	w.start()
	stdout, _ := receive(t, d, patience)
	stderr, _ := receive(t, d, patience)
	if stdout.name != w.id("x")+".out" || stderr.name != w.id("x") {
		t.Fatalf("%q, %q", stdout.name, stderr.name)
	}
	if got := stdout.line(t) + " " + stderr.line(t); got != "out err" {
		t.Errorf("%q", got)
	}
	w.ask("restart", w.id("x"))
	if got := stdout.line(t); got != "out" {
		t.Errorf("after a restart: %q", got)
	}
	w.crash()
	w.start()
	w.ask("restart", w.id("x"))
	if got := stdout.line(t); got != "out" {
		t.Errorf("after a crash: %q", got)
	}
	if r := w.boot("logs", w.id("x")); r.Code == 0 || !strings.Contains(r.Stderr, "logging socket") {
		t.Errorf("%+v", r)
	}
	if _, more := receive(t, d, 20*time.Millisecond); more {
		t.Error("it is sent again, and two would read it")
	}

	pid := w.status("x").Pid
	w.crash()
	must(t, os.WriteFile(w.path("data/end"), nil, 0o644))
	w.eventually("x has ended", func() bool { return !alive(pid) })
	w.start()
	if again, ok := receive(t, d, patience); !ok || again.line(t) != "out" {
		t.Error("after the end of both it is not sent again")
	}
	if _, err := os.Stat(w.path("log", w.id("x")+".log")); err == nil {
		t.Error("it is logged to files as well")
	}
}
