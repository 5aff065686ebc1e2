package hooks

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// told is the state as a hook reads it. runtime-spec runtime.md#state
type told struct {
	OCIVersion  string
	ID          string
	Status      string
	Pid         *int
	Bundle      string
	Annotations map[string]string
}

// Each kind is told the status that the container has then, and the pid as
// the hook's namespace knows it.
func TestState(t *testing.T) {
	s := newScene(t, "until [ -e /data/poststart.json ]; do sleep 0.01; done")
	s.Spec.Annotations = map[string]string{"org.example.key": "with \"quotes\", \n and ü", "a": ""}
	s.hooks("cat > $D/KIND.new && mv $D/KIND.new $D/KIND.json")
	s.Write()
	pidFile := filepath.Join(s.Dir, "pid")
	s.keg("create", "--bundle", s.Dir, "--pid-file", pidFile, s.ID())
	s.keg("start", s.ID())
	s.await()
	s.keg("delete", s.ID())
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(string(text))
	one := 1
	for kind, want := range map[string]struct {
		status string
		pid    *int
	}{
		"prestart": {"creating", &pid}, "createRuntime": {"creating", &pid}, "createContainer": {"creating", &one},
		"startContainer": {"created", &one}, "poststart": {"running", &pid}, "poststop": {"stopped", nil},
	} {
		var got told
		s.decode(s.got(kind+".json"), &got)
		if got.OCIVersion != "1.3.0" || got.ID != s.ID() || got.Bundle != s.Dir || got.Status != want.status {
			t.Errorf("%s: %+v", kind, got)
		}
		if len(got.Annotations) != 2 || got.Annotations["org.example.key"] != s.Spec.Annotations["org.example.key"] {
			t.Errorf("%s: annotations %q", kind, got.Annotations)
		}
		if (got.Pid == nil) != (want.pid == nil) || got.Pid != nil && *got.Pid != *want.pid {
			t.Errorf("%s: pid %v, want %v", kind, got.Pid, want.pid)
		}
	}
}

// `keg state` answers from inside a hook, with the same status.
func TestStateFromHooks(t *testing.T) {
	s := newScene(t, "until [ -e /data/poststart ]; do sleep 0.01; done")
	for _, kind := range onHost {
		s.hook(kind, kegtest.Keg(t)+" --root "+s.Root+" state "+s.ID()+" > $D/"+kind+".new 2>&1; mv $D/"+kind+".new $D/"+kind)
	}
	s.Output()
	for _, kind := range []string{"prestart", "createRuntime", "createContainer", "poststart"} {
		var got told
		s.decode(s.got(kind), &got)
		want := "creating"
		if kind == "poststart" {
			want = "running"
		}
		if got.Status != want || got.Pid == nil || *got.Pid <= 1 {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	if got := s.got("poststop"); !strings.Contains(got, "does not exist") {
		t.Errorf("poststop: %s", got)
	}
}

// What `run` records for its startContainer hooks is not there afterwards.
func TestStateWhileStartContainer(t *testing.T) {
	s := newScene(t, "touch /data/program; until [ -e /data/end ]; do sleep 0.01; done")
	s.hook("startContainer", "touch $D/begun; until [ -e $D/asked ]; do sleep 0.01; done")
	s.Write()
	cmd := start(t, s, "run", nil)
	wait(t, filepath.Join(s.data, "begun"))
	if got := s.status(); got != "created" {
		t.Errorf("while the hook runs: %s", got)
	}
	touch(t, filepath.Join(s.data, "asked"))
	wait(t, filepath.Join(s.data, "program"))
	for range 10000 {
		if s.status() == "running" {
			break
		}
	}
	if got := s.status(); got != "running" {
		t.Errorf("while the program runs: %s", got)
	}
	touch(t, filepath.Join(s.data, "end"))
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// poststart hooks may use keg on the container.
func TestKegFromPoststart(t *testing.T) {
	s := newScene(t, "trap 'echo term > /data/log; exit 0' TERM; touch /data/ready; while :; do sleep 0.01; done")
	s.hook("poststart", "until [ -e $D/ready ]; do sleep 0.01; done; "+kegtest.Keg(t)+" --root "+s.Root+" kill "+s.ID()+" TERM")
	for _, flags := range [][]string{nil, {"-d"}} {
		s.Write()
		s.keg(slices.Concat([]string{"run"}, flags, []string{"--bundle", s.Dir, s.ID()})...)
		if flags != nil {
			s.await()
			s.keg("delete", s.ID())
		}
		s.expect("log", "term\n")
		os.Remove(filepath.Join(s.data, "log"))
		os.Remove(filepath.Join(s.data, "ready"))
	}
}
