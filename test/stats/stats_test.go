// Package stats proves what `keg pause`, `resume`, `ps` and `events` do, by the
// effect: what stands still, what is counted, what is reported.
//
// It is not for limits: test/limits is about those. It runs from a binary
// alone (go test -c), for machines without Go.
package stats

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// bundle runs a shell script in a container that may write to its root.
func bundle(t *testing.T, script string, change ...func(*oci.Spec)) *kegtest.Bundle {
	t.Helper()
	b := kegtest.NewBundle(t, "sh", "-c", script)
	b.Spec.Root.Readonly = false
	for _, f := range change {
		f(b.Spec)
	}
	b.Write()
	t.Cleanup(func() {
		if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
			t.Error(r.Stderr)
		}
	})
	return b
}

// running is bundle, started.
func running(t *testing.T, script string, change ...func(*oci.Spec)) *kegtest.Bundle {
	t.Helper()
	b := bundle(t, script, change...)
	must(t, b.Keg("run", "-d", "--bundle", b.Dir, b.ID()))
	return b
}

func must(t *testing.T, r kegtest.Result) string {
	t.Helper()
	if r.Code != 0 {
		t.Fatalf("exit status %d\nstdout: %s\nstderr: %s", r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

func refused(t *testing.T, r kegtest.Result, want string) {
	t.Helper()
	if r.Code == 0 || !strings.Contains(r.Stderr, want) {
		t.Errorf("exit status %d\nstderr: %swant:   %s", r.Code, r.Stderr, want)
	}
}

// state is what `keg state` says.
func state(t *testing.T, b *kegtest.Bundle) (s struct {
	Pid    int
	Status string
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(must(t, b.Keg("state", b.ID()))), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func pureV2() bool {
	_, err := os.Stat("/sys/fs/cgroup/cgroup.controllers")
	return err == nil
}

// cgroup is the directory of a process's cgroup in the hierarchy that has the
// controller.
func cgroup(t *testing.T, pid int, controller string) string {
	t.Helper()
	dirs := cgroups(t, pid)
	if pureV2() {
		controller = ""
	}
	if dirs[controller] == "" {
		t.Fatalf("process %d is in no cgroup of %q", pid, controller)
	}
	return dirs[controller]
}

// cgroups are the directories of a process's cgroups by controllers; "" is the
// unified hierarchy's.
func cgroups(t *testing.T, pid int) map[string]string {
	t.Helper()
	dirs := map[string]string{}
	for line := range strings.Lines(read(t, "/proc/"+strconv.Itoa(pid)+"/cgroup")) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		name := strings.TrimPrefix(parts[1], "name=")
		if name == "" && !pureV2() {
			name = "unified"
		}
		mount := filepath.Join("/sys/fs/cgroup", name)
		if _, err := os.Stat(filepath.Join(mount, "cgroup.procs")); err == nil {
			dirs[parts[1]] = filepath.Join(mount, parts[2])
		}
	}
	return dirs
}
