// Package hooks runs containers with hooks of every kind and looks at what a
// hook sees, is told and may break.
//
// It is not for how one hook is fed and watched: package hooks tests that
// itself, and test/errors the messages.
package hooks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// kinds in the order of runtime-spec runtime.md#lifecycle.
var kinds = []string{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}

// all are the kinds but startContainer, whose program is the container's: on
// the host they can write to the host's files.
var onHost = []string{"prestart", "createRuntime", "createContainer", "poststart", "poststop"}

// list is a list of hooks by its name.
func list(h *oci.Hooks, kind string) *[]oci.Hook {
	return map[string]*[]oci.Hook{
		"prestart":      &h.Prestart, //nolint:staticcheck // deprecated, but in use
		"createRuntime": &h.CreateRuntime, "createContainer": &h.CreateContainer, "startContainer": &h.StartContainer,
		"poststart": &h.Poststart, "poststop": &h.Poststop,
	}[kind]
}

// scene is a bundle whose program and hooks write to the directory data of its
// root: /data in the container, $D to the hooks on the host.
type scene struct {
	*kegtest.Bundle
	t    *testing.T
	data string
}

func newScene(t *testing.T, script string) *scene {
	t.Helper()
	b := kegtest.NewBundle(t, "sh", "-c", script)
	b.Spec.Root.Readonly = false
	b.Spec.Linux.Resources = nil
	b.Spec.Hooks = &oci.Hooks{}
	s := &scene{b, t, filepath.Join(b.Dir, "rootfs/data")}
	if err := os.Chmod(s.data, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Keg("delete", "-f", s.ID()) })
	return s
}

// hook adds a hook that a shell runs.
func (s *scene) hook(kind, script string) *oci.Hook {
	l := list(s.Spec.Hooks, kind)
	data := s.data
	if kind == "startContainer" {
		data = "/data"
	}
	*l = append(*l, oci.Hook{Path: "/bin/sh", Args: []string{"sh", "-c", "D=" + data + "; " + script}})
	return &(*l)[len(*l)-1]
}

// hooks adds one of each kind; KIND in the script is its name.
func (s *scene) hooks(script string) {
	for _, kind := range kinds {
		s.hook(kind, strings.ReplaceAll(script, "KIND", kind))
	}
}

// got is what hooks and program have written to a file of data.
func (s *scene) got(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.data, name))
	if err != nil {
		s.t.Error(err)
	}
	return string(text)
}

func (s *scene) wrote(name string) bool {
	_, err := os.Stat(filepath.Join(s.data, name))
	return err == nil
}

func (s *scene) expect(name, want string) {
	s.t.Helper()
	if got := s.got(name); got != want {
		s.t.Errorf("%s: %q, want %q", name, got, want)
	}
}

// keg runs a command that must succeed.
func (s *scene) keg(args ...string) string {
	s.t.Helper()
	r := s.Keg(args...)
	if r.Code != 0 {
		s.t.Fatalf("%v: exit status %d: %s", args, r.Code, r.Stderr)
	}
	return r.Stdout
}

// fails runs a command that must not succeed, and returns what it said.
func (s *scene) fails(args ...string) string {
	s.t.Helper()
	r := s.Keg(args...)
	if r.Code != 1 {
		s.t.Errorf("%v: exit status %d, want 1: %s%s", args, r.Code, r.Stdout, r.Stderr)
	}
	return r.Stderr
}

func (s *scene) create() []string {
	s.Write()
	return []string{"create", "--bundle", s.Dir, s.ID()}
}

func (s *scene) status() string {
	s.t.Helper()
	var v struct{ Status string }
	s.decode(s.keg("state", s.ID()), &v)
	return v.Status
}

func (s *scene) decode(text string, into any) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		s.t.Errorf("%v in %q", err, text)
	}
}

// await waits until the container has stopped.
func (s *scene) await() {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); s.status() != "stopped"; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatal("the container does not stop")
		}
	}
}

// gone: nothing is left of the container.
func (s *scene) gone() {
	s.t.Helper()
	if left, _ := os.ReadDir(s.Root); len(left) > 0 {
		s.t.Errorf("left in the state root: %v", left)
	}
}
