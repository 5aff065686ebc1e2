package service

import (
	"bufio"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
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

// A logging daemon that hangs keeps no service from running, and is not waited
// for by each.
func TestServicesExternalLoggingHangs(t *testing.T) {
	w := newWorld(t)
	daemon(t, w.path("none")) // which reads nothing
	client, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	must(t, err)
	defer syscall.Close(client)
	for err == nil { // until it has room for no more
		err = syscall.Sendto(client, []byte("x"), 0, &syscall.SockaddrUnix{Name: w.path("none")})
	}
	if err != syscall.EAGAIN {
		t.Fatal(err)
	}
	for _, name := range []string{"x", "y", "z"} {
		w.bundle(name, "echo out; exec sleep 1000", map[string]string{"grace": "0"})
	}
	w.start()
	for _, name := range []string{"x", "y", "z"} {
		w.becomes(name, "running")
		w.eventually("it is logged", func() bool { return w.ask("logs", w.id(name)) == "out\n" })
	}
	if n := strings.Count(w.said(), "nobody reads there"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

// A log that cannot be opened keeps no service from running. What is lost is said,
// once for a whole directory, and counted where the log goes on.
func TestServicesLogMissing(t *testing.T) {
	w := newWorld(t)
	loud := "while [ ! -e /data/go ]; do echo out; sleep 0.02; done; echo end; exec sleep 1000"
	for _, name := range []string{"x", "y"} {
		w.bundle(name, loud, map[string]string{"grace": "0"})
	}
	w.bundle("dir", "echo out; exec sleep 1000", map[string]string{"grace": "0"})
	must(t, os.MkdirAll(w.path("log", w.id("dir")+".out.log"), 0o755))
	must(t, syscall.Mount("ro", w.path("log"), "tmpfs", syscall.MS_RDONLY, ""))
	defer syscall.Unmount(w.path("log"), syscall.MNT_DETACH)
	w.start()
	w.becomes("x", "running")
	w.becomes("y", "running")
	w.becomes("dir", "running")
	once := "read-only file system: what services write is lost, as long as nothing can be written to " + w.path("log")
	if n := strings.Count(w.said(), once); n != 1 {
		t.Errorf("said %d times", n)
	}
	if table := w.ask("status"); !strings.Contains(table, w.id("y")+": open "+w.path("log", w.id("y"))+".out.log: read-only file system: what it writes is lost\n") {
		t.Errorf("%s", table)
	}
	if r := w.boot("logs", w.id("x")); r.Stdout != "" || !strings.Contains(r.Stderr, "read-only file system: what it writes is lost") {
		t.Errorf("%+v", r)
	}
	must(t, syscall.Mount("", w.path("log"), "", syscall.MS_REMOUNT, ""))
	w.eventually("it is logged", func() bool { return strings.Contains(w.ask("logs", w.id("x")), "\nout\n") })
	if log := w.ask("logs", w.id("x")); !strings.HasPrefix(log, "[keg: ") || !strings.Contains(log, " bytes are lost here: the log could not be written]\nout\n") {
		t.Errorf("%.100q", log)
	}
	must(t, os.WriteFile(w.path("data/go"), nil, 0o644))
	w.eventually("the rest is logged", func() bool { return strings.HasSuffix(w.ask("logs", w.id("x")), "\nout\nend\n") })
	w.eventually("the trouble is over", func() bool { return w.status("x").Unlogged == "" && w.status("y").Unlogged == "" })
	w.crash()
	must(t, syscall.Unmount(w.path("log"), 0))
	w.start()
	if log := w.path("log", w.id("dir")+".out.log"); !strings.Contains(w.said(), w.id("dir")+": open "+log+": is a directory: what it writes there is lost") {
		t.Errorf("no %s", log)
	}
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
	w.eventually("x has ended", func() bool { return !kegtest.Alive(pid) })
	w.start()
	if again, ok := receive(t, d, patience); !ok || again.line(t) != "out" {
		t.Error("after the end of both it is not sent again")
	}
	if _, err := os.Stat(w.path("log", w.id("x")+".log")); err == nil {
		t.Error("it is logged to files as well")
	}
}
