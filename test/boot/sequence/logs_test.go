package sequence

import (
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// The files that LinuxKit has, by its names; another run goes on in them, and
// shows what is new.
func TestLogFiles(t *testing.T) {
	m := newMachine(t)
	m.add("000-a", bundle{script: "echo out; echo err >&2"})
	m.add("000-b", bundle{script: "echo end", tree: "onshutdown"})
	out := m.run(`
		boot onboot 2>/dev/null; boot onboot 2>/dev/null; boot onshutdown 2>/dev/null
		cd /var/log; for f in onboot/* shutdown/*; do echo $f: $(cat $f); done; readlink onboot shutdown`)
	run := "out\nerr\nCONTAINER STATUS TIME\n000-a 0\n"
	want := run + run + "end\nCONTAINER STATUS TIME\n000-b 0\n" +
		"onboot/onboot.000-a.log: err err\nonboot/onboot.000-a.out.log: out out\nshutdown/shutdown.000-b.log:\nshutdown/shutdown.000-b.out.log: end\n" +
		"/run/log/onboot\n/run/log/shutdown\n"
	if got := m.table(out.Stdout); got != want {
		t.Errorf("%s\n%s", got, out.Stderr)
	}
}

// What a container has put in the place of a log is not written to; what would be
// is shown.
func TestLogFilesAreFiles(t *testing.T) {
	m := newMachine(t)
	m.add("000-link", bundle{script: "echo out; echo err >&2"})
	m.add("001-fifo", bundle{script: "echo more"})
	r := m.run(`
		mkdir -p /run/log/onboot; cd /run/log/onboot; echo mine >/run/other
		ln -s /run/other onboot.$name-000-link.out.log; mkfifo onboot.$name-001-fifo.out.log
		boot onboot; cat /run/other onboot.$name-000-link.log`)
	if out := m.table(r.Stdout); out != "out\nerr\nmore\nCONTAINER STATUS TIME\n000-link 0\n001-fifo 0\nmine\nerr\n" {
		t.Errorf("%s\n%s", out, r.Stderr)
	}
	for _, want := range []string{"000-link.out.log: too many levels of symbolic links: what it writes there is shown here, and not kept", "001-fifo.out.log: not a regular file: what"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("no %q in %s", want, r.Stderr)
		}
	}
}

// Where there can be no logs, the containers run, and what they write is shown:
// not between the JSON.
func TestLogDirectoryCannotBeMade(t *testing.T) {
	m := newMachine(t)
	m.add("000-a", bundle{script: "echo out; echo err >&2"})
	m.add("001-b", bundle{script: "echo more"})
	results, r := m.results("touch /run/log; boot onboot --json")
	if r.Code != 0 || ids(results) != "000-a=0 001-b=0" || strings.Count(r.Stderr, "and not kept") != 1 {
		t.Errorf("%+v %+v", results, r)
	}
	for _, want := range []string{"onboot: mkdir /run/log: not a directory: what the containers write is shown here, and not kept\n", "\nout\nerr\n", "\nmore\n"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("no %q in %s", want, r.Stderr)
		}
	}
}

// Why a container cannot be run is said once on the console, and stands in its
// log, which is shown before that.
func TestFailureIsSaidOnce(t *testing.T) {
	m := newMachine(t)
	m.add("000-none", bundle{script: "true", change: func(s *oci.Spec) {
		s.Process.Args = []string{"/none"}
		s.Hooks = &oci.Hooks{CreateRuntime: []oci.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "env >/run/env"}}}}
	}})
	m.add("001-mount", bundle{script: "true", runtime: runtime{"mounts": []any{mount("nosuchfs", "", "/run/x")}}})
	for _, parameter := range []string{"quiet", "linuxkit.runc_console=1"} {
		r := m.run("echo " + parameter + " >/run/cmdline; mount --bind /run/cmdline /proc/cmdline; boot onboot; grep -c KEG_BOOT /run/env; cat /run/log/onboot/* 2>/dev/null; true")
		console, log, _ := strings.Cut(r.Stderr+r.Stdout, "\n0\n")
		for _, why := range []string{"000-none: create: process.args[0]: ", "001-mount: runtime.json: mounts[3]: nosuchfs: "} {
			if strings.Count(console, why[strings.Index(why, ": ")+2:]) != 1 {
				t.Errorf("%s: not once: %s\n%s", parameter, why, console)
			}
			if parameter == "quiet" && strings.Count(log, "keg: onboot/"+m.name+"-"+why) != 1 {
				t.Errorf("%s is not in the log:\n%s", why, log)
			}
		}
	}
}

// linuxkit.runc_debug and linuxkit.runc_console of the kernel's command line.
func TestConsoleAndDebug(t *testing.T) {
	m := newMachine(t)
	m.add("000-a", bundle{script: "echo out; echo err >&2"})
	r := m.run(`
		echo quiet linuxkit.runc_debug=1 linuxkit.runc_console=1 >/run/cmdline; mount --bind /run/cmdline /proc/cmdline
		boot onboot; ls /run/log 2>/dev/null`)
	if !strings.HasPrefix(r.Stdout, "out\nCONTAINER") || strings.Contains(r.Stdout, "onboot.") {
		t.Errorf("%s", r.Stdout)
	}
	for _, want := range []string{"err\n", "-000-a: creating\n", "-000-a: waiting for completion\n", "-000-a: cleaning up\n", "-000-a: complete\n", "level=debug"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("no %q in %s", want, r.Stderr)
		}
	}
}

// daemon is memlogd's part: it is given descriptors, with streams' names, and
// tells who asks by a zero byte what has come over them.
type daemon struct {
	t     testing.TB
	give  *net.UnixConn
	query *net.UnixListener
	mu    sync.Mutex
	open  int // streams
	lines []string
}

func newDaemon(m *machine) *daemon {
	m.t.Helper()
	d := &daemon{t: m.t}
	var err error
	d.give, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.path("give"), Net: "unixgram"})
	m.must(err)
	d.query, err = net.ListenUnix("unix", &net.UnixAddr{Name: m.path("query"), Net: "unix"})
	m.must(err)
	go d.take()
	go d.answer()
	m.t.Cleanup(func() { d.give.Close(); d.query.Close() })
	return d
}

func (d *daemon) take() {
	name, rights := make([]byte, 100), make([]byte, 100)
	for {
		n, r, _, _, err := d.give.ReadMsgUnix(name, rights)
		if err != nil {
			return
		}
		messages, err := syscall.ParseSocketControlMessage(rights[:r])
		if err != nil || len(messages) != 1 {
			d.t.Errorf("%v, %v", messages, err)
			return
		}
		fds, err := syscall.ParseUnixRights(&messages[0])
		if err != nil || len(fds) != 1 {
			d.t.Errorf("%v, %v", fds, err)
			return
		}
		d.mu.Lock()
		d.open++
		d.mu.Unlock()
		go d.collect(string(name[:n]), os.NewFile(uintptr(fds[0]), "stream"))
	}
}

func (d *daemon) collect(name string, stream *os.File) {
	defer stream.Close()
	text, err := io.ReadAll(stream)
	if err != nil {
		d.t.Error(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for line := range strings.Lines(string(text)) {
		d.lines = append(d.lines, "2000-01-01T00:00:00Z,"+name+";"+line)
	}
	d.open--
}

func (d *daemon) answer() {
	for {
		c, err := d.query.AcceptUnix()
		if err != nil {
			return
		}
		question := make([]byte, 2)
		if n, err := c.Read(question); n != 1 || question[0] != 0 || err != nil {
			d.t.Errorf("%d %v", n, err)
		}
		c.Write([]byte(d.all()))
		c.Close()
	}
}

// all waits for the streams' ends: keg asks when it has closed them.
func (d *daemon) all() string {
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		d.mu.Lock()
		open, text := d.open, strings.Join(d.lines, "")
		d.mu.Unlock()
		if open == 0 || time.Now().After(end) {
			return text
		}
	}
}

func TestLoggingDaemon(t *testing.T) {
	m := newMachine(t)
	newDaemon(m)
	m.add("000-a", bundle{script: "echo out; echo err >&2"})
	m.add("001-b", bundle{script: "echo more"})
	r := m.run(`
		cd /var/run; ln -s $dir/give linuxkit-external-logging.sock; ln -s $dir/query memlogdq.sock
		boot onboot; ls /run/log/onboot /var/log`)
	want := `2000-01-01T00:00:00Z,onboot.000-a.out;out
2000-01-01T00:00:00Z,onboot.000-a;err
2000-01-01T00:00:00Z,onboot.001-b.out;more
CONTAINER STATUS TIME
000-a 0
001-b 0
/run/log/onboot:

/var/log:
`
	if out := m.table(r.Stdout); out != want {
		t.Errorf("%s\n%s", out, r.Stderr)
	}
}

// A daemon that hangs, or is gone, keeps no container from running.
func TestLoggingDaemonHangs(t *testing.T) {
	m := newMachine(t)
	hung, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.path("give"), Net: "unixgram"})
	m.must(err)
	defer hung.Close()
	s, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	m.must(err)
	defer syscall.Close(s)
	for err == nil { // until it has room for no more
		err = syscall.Sendto(s, []byte("x"), 0, &syscall.SockaddrUnix{Name: m.path("give")})
	}
	if err != syscall.EAGAIN {
		t.Fatal(err)
	}
	m.add("000-a", bundle{script: "echo out; echo err >&2"})
	m.add("001-b", bundle{script: "echo more"})
	r := m.run(`
		cd /var/run; ln -s $dir/give linuxkit-external-logging.sock
		boot onboot; cat /var/log/onboot/onboot.*000-a.log /var/log/onboot/onboot.*001-b.out.log`)
	want := "out\nerr\nmore\nCONTAINER STATUS TIME\n000-a 0\n001-b 0\nerr\nmore\n"
	if out := m.table(r.Stdout); out != want || strings.Count(r.Stderr, "nobody takes logs there") != 1 {
		t.Errorf("%s\n%s", out, r.Stderr)
	}
}
