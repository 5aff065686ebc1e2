package replay

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

// site is a bundle, with a state root of its own, for one runtime.
type site struct {
	t       testing.TB
	runtime engines.Runtime
	bundle  *kegtest.Bundle
	id      string
	root    string // --root
}

// newSite makes a bundle whose container runs the command.
func newSite(t testing.TB, r engines.Runtime, command ...string) *site {
	t.Helper()
	b := kegtest.NewBundle(t, command...)
	s := &site{t: t, runtime: r, bundle: b, id: b.ID(), root: filepath.Join(b.Dir, "state")}
	b.Write()
	t.Cleanup(func() { s.call("delete", "--force", s.id) })
	return s
}

func (s *site) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.runtime.Path, append([]string{"--root", s.root}, args...)...)
	cmd.Dir = s.bundle.Dir
	return cmd
}

func (s *site) call(args ...string) kegtest.Result {
	s.t.Helper()
	return kegtest.Finish(s.t, s.command(args...))
}

// must is a call that prepares another one.
func (s *site) must(args ...string) kegtest.Result {
	s.t.Helper()
	r := s.call(args...)
	if r.Code != 0 {
		s.t.Fatalf("%s %q: exit status %d: %s", s.runtime.Name, args, r.Code, r.Stderr)
	}
	return r
}

// status is the container's now, "" when there is none.
func (s *site) status() string {
	s.t.Helper()
	var state struct{ Status string }
	r := s.call("state", s.id)
	if r.Code == 0 {
		if err := json.Unmarshal([]byte(r.Stdout), &state); err != nil {
			s.t.Fatalf("%s: state: %v: %s", s.runtime.Name, err, r.Stdout)
		}
	}
	return state.Status
}

// await waits for a status, and returns the one that there is in the end.
func (s *site) await(status string) string {
	s.t.Helper()
	deadline := time.Now().Add(engines.Patience)
	for s.status() != status && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	return s.status()
}

// bring brings a container into a status: "" for none at all.
func (s *site) bring(status string) {
	s.t.Helper()
	if status == "" {
		return
	}
	s.must("create", "--bundle", s.bundle.Dir, s.id)
	if status != "created" {
		s.must("start", s.id)
		s.program()
	}
	switch status {
	case "paused":
		s.must("pause", s.id)
	case "stopped":
		s.must("kill", s.id, "KILL")
	}
	if got := s.await(status); got != status {
		s.t.Fatalf("%s: the container is %q, and should be %q", s.runtime.Name, got, status)
	}
}

// program waits until the container runs its program: runc's start does not, and a
// signal that comes before would end what becomes the program.
func (s *site) program() {
	s.t.Helper()
	var state struct{ Pid int }
	if err := json.Unmarshal([]byte(s.must("state", s.id).Stdout), &state); err != nil {
		s.t.Fatal(err)
	}
	engines.Within(s.t, s.runtime.Name+"'s init becomes the program", func() bool {
		program, _ := os.Readlink("/proc/" + strconv.Itoa(state.Pid) + "/exe")
		return strings.HasSuffix(program, "/busybox")
	})
}

// own makes what an answer says the same for each site.
func (s *site) own(text string) string {
	return strings.NewReplacer(s.bundle.Dir, "{dir}", s.id, "{id}").Replace(text)
}

// logLines are the lines of a log in JSON.
func logLines(t testing.TB, path string) (lines []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		lines = append(lines, line)
	}
	return lines
}
