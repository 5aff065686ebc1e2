package replay

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/engines"
)

// answer is what a runtime did when it was called.
type answer struct {
	code           int
	stdout, stderr string
	log            []string
	pid            string // in the pid file
	tty            bool   // a terminal came over the socket
	status         string // of the container afterwards
}

// carryOut makes the call, with what stands for its own values here.
func (s *site) carryOut(c Call) answer {
	s.t.Helper()
	dir := s.bundle.Dir
	own := map[string]string{
		"{root}": s.root, "{id}": s.id, "{bundle}": dir, "{path}": dir,
		"{log}": filepath.Join(dir, "log"), "{pid-file}": filepath.Join(dir, "pid"),
		"{process}": filepath.Join(dir, "process.json"), "{console-socket}": filepath.Join(dir, "tty.sock"),
		"{resources}": filepath.Join(dir, "resources.json"),
	}
	if err := os.WriteFile(own["{resources}"], []byte(c.Stdin), 0o644); err != nil {
		s.t.Fatal(err)
	}
	writeProcess(s.t, own["{process}"], c.has("--console-socket"))
	ttys := awaitTerminal(s.t, own["{console-socket}"])
	cmd := s.command()
	cmd.Args = cmd.Args[:1]
	fill := func(text string) string {
		for from, to := range own {
			text = strings.ReplaceAll(text, from, to)
		}
		return text
	}
	if !c.has("--root") { // the default is the machine's own
		cmd.Args = append(cmd.Args, "--root", s.root)
	}
	for _, arg := range c.Args {
		cmd.Args = append(cmd.Args, fill(arg))
	}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	for _, v := range c.Env {
		cmd.Env = append(cmd.Env, fill(v))
	}
	cmd.Dir = fill(c.Cwd)
	d := newDescriptors(s.t, c)
	d.give(cmd)
	var a answer
	var err error
	if err = cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	timer := time.AfterFunc(engines.Patience, func() { cmd.Process.Kill() })
	err = cmd.Wait()
	timer.Stop()
	if err != nil && cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	a.code = cmd.ProcessState.ExitCode()
	a.stdout, a.stderr = d.output(1), d.output(2)
	a.log = logLines(s.t, own["{log}"])
	a.tty = ttys(c.has("--console-socket"))
	if pid, err := os.ReadFile(own["{pid-file}"]); err == nil {
		a.pid = string(pid)
	}
	a.status = s.settled(c)
	return a
}

// settled is the status once what the call has begun is over.
func (s *site) settled(c Call) string {
	if words := c.words(); c.command() == "kill" && (words[len(words)-1] == "9" || words[len(words)-1] == "KILL") {
		return s.await("stopped")
	}
	return s.status()
}

// writeProcess writes what `exec --process` is to run.
func writeProcess(t testing.TB, path string, terminal bool) {
	t.Helper()
	data, err := json.Marshal(oci.Process{Terminal: terminal, Args: []string{"true"}, Env: []string{"PATH=/bin"}, Cwd: "/"})
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// awaitTerminal listens for a terminal as an engine does. The function that it
// returns ends that, and tells whether one came.
func awaitTerminal(t testing.TB, path string) func(expected bool) bool {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan bool, 1)
	go func() {
		conn, err := l.AcceptUnix()
		if err != nil {
			came <- false
			return
		}
		defer conn.Close()
		f := receive(conn)
		if f != nil {
			t.Cleanup(func() { f.Close() }) // without a master, the program gets SIGHUP
		}
		came <- f != nil
	}()
	return func(expected bool) bool {
		if !expected {
			l.Close()
		}
		l.SetDeadline(time.Now().Add(engines.Patience))
		defer l.Close()
		return <-came
	}
}

// receive takes a descriptor, nil when none comes.
func receive(conn *net.UnixConn) *os.File {
	text, control := make([]byte, 4096), make([]byte, 256)
	_, n, _, _, err := conn.ReadMsgUnix(text, control)
	if err != nil {
		return nil
	}
	messages, err := syscall.ParseSocketControlMessage(control[:n])
	if err != nil || len(messages) != 1 {
		return nil
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil
	}
	return os.NewFile(uintptr(fds[0]), "terminal")
}

// read returns what is in a pipe or a file now: a container may hold the other
// end open.
func read(f *os.File) string {
	conn, err := f.SyscallConn()
	if err != nil {
		return err.Error()
	}
	var data []byte
	conn.Control(func(fd uintptr) { // it is not blocking
		part := make([]byte, 4096)
		for n := 1; n > 0 || err == syscall.EINTR; data = append(data, part[:max(n, 0)]...) {
			n, err = syscall.Read(int(fd), part)
		}
	})
	if err != nil && err != syscall.EAGAIN {
		return err.Error()
	}
	return string(data)
}
