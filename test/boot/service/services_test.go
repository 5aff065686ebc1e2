package service

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/test/kegtest"
)

// patience is for machines that are much slower.
const patience = time.Minute

// world is a tree of services with directories of its own.
type world struct {
	t          testing.TB
	dir        string
	supervisor *exec.Cmd
	console    string // what the supervisors have said
	root       string // of the containers' file systems, read-only
	ended      chan error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	kegtest.NeedRoot(t)
	w := &world{t: t, dir: kegtest.TempDir(t)}
	w.root = filepath.Join(w.dir, "root")
	kegtest.Populate(t, w.root)
	for _, dir := range []string{"services", "data"} {
		must(t, os.MkdirAll(w.path(dir), 0o755))
	}
	w.console = w.path("console")
	t.Cleanup(func() {
		if w.supervisor != nil {
			w.terminate()
		}
		if t.Failed() {
			text, _ := os.ReadFile(w.console)
			t.Logf("console:\n%s", text)
		}
	})
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) path(elem ...string) string {
	return filepath.Join(append([]string{w.dir}, elem...)...)
}

// id is a service's name: no other test's container has it.
func (w *world) id(name string) string { return filepath.Base(w.dir) + "-" + name }

// bundle makes a service that runs a shell script; /data is the same for all.
func (w *world) bundle(name, script string, annotations map[string]string, change ...func(*oci.Spec)) string {
	w.t.Helper()
	s := spec.Default(false, 0, 0, false)
	s.Process.Terminal = false
	s.Process.Args = []string{"/bin/sh", "-c", script}
	s.Root = &oci.Root{Path: w.root, Readonly: true}
	s.Mounts = append(s.Mounts, oci.Mount{Destination: "/data", Source: w.path("data"), Options: []string{"bind"}})
	s.Annotations = map[string]string{}
	for k, v := range annotations {
		s.Annotations["org.keg.boot."+k] = v
	}
	for _, f := range change {
		f(s)
	}
	dir := w.path("services", w.id(name))
	must(w.t, os.MkdirAll(dir, 0o755))
	text, err := json.Marshal(s)
	must(w.t, err)
	must(w.t, os.WriteFile(filepath.Join(dir, "config.json"), text, 0o644))
	return dir
}

func (w *world) arguments(words ...string) []string {
	return append([]string{"--root", w.path("state"), "boot", "services", "--dir", w.path("services"), "--run-dir", w.path("run"),
		"--log-dir", w.path("log"), "--logging-socket", w.path("none")}, words...)
}

// start starts a supervisor, and waits until it answers.
func (w *world) start() {
	w.t.Helper()
	console, err := os.OpenFile(w.console, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(w.t, err)
	defer console.Close()
	cmd := exec.Command(kegtest.Keg(w.t), w.arguments()...)
	cmd.Stdout, cmd.Stderr = console, console
	must(w.t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	w.supervisor, w.ended = cmd, ended
	w.eventually("the supervisor answers", func() bool { return w.boot("status").Code == 0 })
}

// terminate tells the supervisor to stop everything, and waits for its end.
func (w *world) terminate() {
	w.t.Helper()
	w.supervisor.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-w.ended:
		if err != nil {
			w.t.Errorf("the supervisor: %v", err)
		}
	case <-time.After(patience):
		w.supervisor.Process.Kill()
		w.t.Error("the supervisor does not end")
		<-w.ended
	}
	w.supervisor = nil
}

// crash kills the supervisor.
func (w *world) crash() {
	w.t.Helper()
	must(w.t, w.supervisor.Process.Kill())
	<-w.ended
	w.supervisor = nil
}

// boot runs one of the commands that ask the supervisor.
func (w *world) boot(op string, words ...string) kegtest.Result {
	w.t.Helper()
	return kegtest.Command(w.t, "", append([]string{"boot", op, "--run-dir", w.path("run")}, words...)...)
}

// ask is boot that has to succeed.
func (w *world) ask(op string, words ...string) string {
	w.t.Helper()
	r := w.boot(op, words...)
	if r.Code != 0 {
		w.t.Fatalf("%s %q: exit status %d: %s", op, words, r.Code, r.Stderr)
	}
	return r.Stdout
}

type status struct {
	Name, State string
	Pid         int
	Restarts    int
	Says, Note  string
	Unlogged    string
	Last        *struct {
		Code    *int
		Signal  string
		Unknown bool
		Error   string
	} `json:"last_exit"`
}

func (w *world) status(name string) status {
	w.t.Helper()
	var list []status
	must(w.t, json.Unmarshal([]byte(w.ask("status", "--json", w.id(name))), &list))
	if len(list) != 1 || list[0].Name != w.id(name) {
		w.t.Fatalf("status of %s: %+v", name, list)
	}
	return list[0]
}

func (w *world) becomes(name, state string) status {
	w.t.Helper()
	var s status
	w.eventually(name+" is "+state, func() bool { s = w.status(name); return s.State == state })
	return s
}

func (w *world) eventually(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// lines are those of a file in /data.
func (w *world) lines(name string) []string {
	text, _ := os.ReadFile(w.path("data", name))
	return strings.Fields(string(text))
}

func (w *world) said() string {
	text, _ := os.ReadFile(w.console)
	return string(text)
}

// A service that says when it is ready holds back the one after it; all stop in
// the opposite order.
func TestServicesOrder(t *testing.T) {
	w := newWorld(t)
	ready, err := kegtest.Program("testdata/sayready.go")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(w.root, "bin/ready"), ready, 0o755))
	on := func(name string) string {
		return `trap "echo -` + name + ` >> /data/order; exit 0" TERM; echo +` + name + ` >> /data/order; while :; do sleep 0.02; done`
	}
	w.bundle("a", "exec /bin/ready", map[string]string{"ready": "notify"})
	w.bundle("b", on("b"), map[string]string{"after": w.id("a")})
	w.bundle("c", on("c"), map[string]string{"after": w.id("b") + "," + w.id("a")})
	w.bundle("free", "echo +free >> /data/order", nil)
	w.start()
	w.becomes("free", "stopped")
	w.eventually("a says what it does", func() bool { return w.status("a").Says == "loading" })
	if s := w.status("a").State + ", " + w.status("b").State; s != "starting, waiting" {
		t.Errorf("before a is ready: %s", s)
	}
	must(t, os.WriteFile(w.path("data/go"), nil, 0o644))
	w.becomes("a", "ready")
	w.becomes("c", "running")
	w.eventually("all have begun", func() bool { return len(w.lines("order")) == 3 })
	if table := w.ask("status"); !strings.Contains(table, w.id("a")+" says: ?[31mserving") {
		t.Errorf("a container's bytes for the terminal:\n%q", table)
	}
	w.terminate()
	if got := w.lines("order"); len(got) != 5 || got[0] != "+free" || got[3] != "-c" || got[4] != "-b" {
		t.Error(got)
	}
	said := w.said()
	for i, name := range []string{"b: running", "c: running", "c: stopped", "b: stopped", "a: stopped"} {
		_, rest, ok := strings.Cut(said, w.id(name))
		if !ok {
			t.Errorf("%d: %s is not said, or too early", i, name)
		}
		said = rest
	}
}

func TestServicesCrashLoop(t *testing.T) {
	w := newWorld(t)
	w.bundle("x", "echo run >> /data/runs; exit 3", map[string]string{"backoff": "20ms,1h"})
	w.bundle("never", "exit 4", map[string]string{"restart": "no"})
	w.bundle("well", "exit 0", nil)
	w.bundle("missing", "", map[string]string{"backoff": "20ms,1h"}, func(s *oci.Spec) { s.Process.Args = []string{"/bin/none"} })
	w.start()
	w.eventually("four restarts", func() bool { return w.status("x").Restarts >= 4 })
	w.eventually("missing is tried again", func() bool { return w.status("missing").Restarts >= 2 })
	if s := w.becomes("missing", "backing off"); s.Last == nil || !strings.Contains(s.Last.Error, "/bin/none") {
		t.Errorf("%+v", s.Last)
	}
	if s := w.becomes("never", "failed"); s.Last == nil || s.Last.Code == nil || *s.Last.Code != 4 || s.Restarts != 0 {
		t.Errorf("%+v", s)
	}
	w.becomes("well", "stopped")
	w.ask("stop", w.id("x"), w.id("missing"))
	// It may have been between two runs, or in one.
	if s := w.status("x"); s.State != "stopped" || s.Last == nil || s.Last.Signal != "SIGKILL" && (s.Last.Code == nil || *s.Last.Code != 3) {
		t.Errorf("%+v, %+v", s, s.Last)
	}
	runs := len(w.lines("runs"))
	for _, want := range []string{"exit 3; it is started again in 20ms", "exit 3; it is started again in 40ms", "exit 3; it is started again in 80ms",
		w.id("never") + ": failed: exit 4", w.id("well") + ": stopped: exit 0"} {
		if !strings.Contains(w.said(), want) {
			t.Errorf("the console lacks %q", want)
		}
	}
	if r := w.boot("start", w.id("never")); r.Code != 0 && !strings.Contains(r.Stderr, "failed: exit 4") {
		t.Errorf("start of what fails: %+v", r)
	}
	if n := len(w.lines("runs")); n != runs {
		t.Errorf("run %d times, and %d after the stop", runs, n)
	}
}

func TestServicesStop(t *testing.T) {
	w := newWorld(t)
	forever := "while :; do sleep 0.02; done"
	w.bundle("deaf", `trap "" TERM; sleep 1000 & echo up > /data/deaf; `+forever, map[string]string{"grace": "100ms"})
	w.bundle("cannot-hear", `echo up > /data/hear; exec sleep 1000`, map[string]string{"grace": "1h"})
	w.bundle("polite", `trap "exit 7" INT; echo up > /data/polite; `+forever, map[string]string{"stop-signal": "INT"})
	w.start()
	w.eventually("all are up", func() bool { return len(w.lines("deaf"))+len(w.lines("hear"))+len(w.lines("polite")) == 3 })
	w.ask("stop", w.id("deaf"))
	if s := w.status("deaf"); s.State != "stopped" || s.Last == nil || s.Last.Signal != "SIGKILL" || s.Pid != 0 {
		t.Errorf("%+v", s)
	}
	w.ask("stop", w.id("cannot-hear")) // no init without a handler gets the signal
	w.ask("restart", w.id("polite"))
	if s := w.status("polite"); s.State != "running" || s.Last == nil || s.Last.Code == nil || *s.Last.Code != 7 || s.Restarts != 0 {
		t.Errorf("%+v", s)
	}
	w.ask("start", w.id("polite")) // it runs: nothing to do
	w.ask("stop", w.id("deaf"))
	w.ask("restart", w.id("deaf"))
	w.becomes("deaf", "running")
}
