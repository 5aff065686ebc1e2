package leftovers

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// step is how far the points are apart: all of them with KEG_SOAK.
func step() int {
	switch {
	case os.Getenv("KEG_SOAK") != "":
		return 1
	case kegtest.Slow():
		return 150
	}
	return 25
}

// scene is a command, what precedes it, and what it must not do when it is
// killed.
type scene struct {
	name   string
	before []string // command
	args   []string // command
	quiet  bool     // the container's program must never start
}

// scenes make no keyrings: the kernel collects them slower than they are made
// here, and a user may have 200. keyrings(7)
func scenes(b *kegtest.Bundle) []scene {
	create := []string{"create", "--no-new-keyring", "--bundle", b.Dir, "--pid-file", b.Root + "-pid", b.ID()}
	return []scene{
		{"create", nil, create, true},
		{"start", create, []string{"start", b.ID()}, false},
		{"run", nil, []string{"run", "--no-new-keyring", "--bundle", b.Dir, b.ID()}, false},
		{"run -d", nil, []string{"run", "-d", "--no-new-keyring", "--bundle", b.Dir, b.ID()}, false},
		{"update", create, []string{"update", "--pids-limit", "500", "--cpu-quota", "500000", b.ID()}, true},
		{"delete", create, []string{"delete", b.ID()}, true},
		{"delete -f", []string{"run", "-d", "--no-new-keyring", "--bundle", b.Dir, b.ID()}, []string{"delete", "-f", b.ID()}, false},
	}
}

func TestKilledKeg(t *testing.T) { sweepAll(t, kegItself) }

func TestKilledInit(t *testing.T) { sweepAll(t, theInit) }

func sweepAll(t *testing.T, who victim) {
	next := kegtest.OneIn(3)
	for name, change := range map[string]func(*oci.Spec){"default": func(*oci.Spec) {}, "staged": staged, "hooks": hooked} {
		if !next() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			b := bundle(t, change)
			for _, s := range scenes(b) {
				if who == theInit && !strings.Contains(strings.Join(s.args, " "), "--bundle") {
					continue // start, update and delete make no process
				}
				sweep(t, b, who, s)
			}
		})
	}
}

// bundle has a program that leaves a mark.
func bundle(t *testing.T, change func(*oci.Spec)) *kegtest.Bundle {
	b := kegtest.NewBundle(t, "sh", "-c", "echo > /data/mark; sleep 0.01")
	b.Spec.Root.Readonly = false
	b.Spec.Linux.Resources = nil // only a warning for now
	change(b.Spec)
	data := filepath.Join(b.Dir, "rootfs/data")
	if err := os.Chmod(data, 0o777); err != nil {
		t.Fatal(err)
	}
	b.Write()
	return b
}

// staged needs a process before the init: the time namespace holds for
// children only, and the user namespace makes a handshake longer.
func staged(s *oci.Spec) {
	s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.TimeNamespace})
	s.Linux.TimeOffsets = map[string]oci.LinuxTimeOffset{"monotonic": {Secs: 1000}}
	if os.Geteuid() == 0 {
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
		s.Linux.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 65536}}
		s.Linux.GIDMappings = s.Linux.UIDMappings
	}
}

// hooked has hooks of every kind, which make the handshake longer too.
func hooked(s *oci.Spec) {
	list := []oci.Hook{{Path: "/bin/true"}}
	s.Hooks = &oci.Hooks{
		Prestart:      list, //nolint:staticcheck // deprecated, but in use
		CreateRuntime: list, CreateContainer: list, StartContainer: list, Poststart: list, Poststop: list,
	}
}

// sweep kills the victim after every step-th call until it is done before.
func sweep(t *testing.T, b *kegtest.Bundle, who victim, s scene) {
	before := kegtest.Leftovers()
	points, first := 0, 1+rand.IntN(step())
	for n := first; ; n += step() {
		if s.before != nil {
			if r := b.Keg(s.before...); r.Code != 0 {
				t.Fatalf("%s, before call %d: %s", s.name, n, r.Stderr)
			}
		}
		got := killAfter(t, who, n, kegtest.Keg(t), append([]string{"--root", b.Root}, s.args...)...)
		points++
		check(t, b, who, s, n, got)
		clear(t, b, s, n, before)
		if t.Failed() || !got.killed {
			t.Logf("%s: killed at %d points, from call %d to %d of %d", s.name, points-1, first, n, got.calls)
			if got.calls < 10 {
				t.Errorf("%s: the victim made %d calls only: nothing was tested", s.name, got.calls)
			}
			return
		}
	}
}

// check is what must hold before anyone clears up.
func check(t *testing.T, b *kegtest.Bundle, who victim, s scene, n int, got outcome) {
	t.Helper()
	mark := filepath.Join(b.Dir, "rootfs/data/mark")
	if s.quiet {
		if _, err := os.Stat(mark); err == nil {
			t.Errorf("%s, after call %d: the container's program ran", s.name, n)
		}
	}
	os.Remove(mark)
	if s.name == "update" && os.Geteuid() == 0 {
		if r := b.Keg(s.args...); r.Code != 0 {
			t.Errorf("%s, after call %d: the next one: %s", s.name, n, r.Stderr)
		}
	}
	if who == theInit && got.killed && got.code != 0 && s.name != "run" {
		if left, _ := os.ReadDir(b.Root); len(left) > 0 {
			t.Errorf("%s, after call %d: keg failed and left %v: %s", s.name, n, left, got.output)
		}
		if !strings.Contains(got.output, "killed by signal 9") && !strings.Contains(got.output, "it is stopped") {
			t.Errorf("%s, after call %d: keg said: %s", s.name, n, got.output)
		}
	}
}

// clear clears up as an engine would, and proves that nothing is left and
// that the id is free.
func clear(t *testing.T, b *kegtest.Bundle, s scene, n int, before map[string]bool) {
	t.Helper()
	if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
		t.Errorf("%s, after call %d: delete -f: %s", s.name, n, r.Stderr)
	}
	nothingLeft(t, b, s, n, before)
	os.Remove(filepath.Join(b.Dir, "rootfs/data/mark"))
	if r := b.Keg("create", "--no-new-keyring", "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Errorf("%s, after call %d: create again: %s", s.name, n, r.Stderr)
	}
	if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
		t.Errorf("%s, after call %d: delete -f of the second: %s", s.name, n, r.Stderr)
	}
}

func nothingLeft(t *testing.T, b *kegtest.Bundle, s scene, n int, before map[string]bool) {
	t.Helper()
	if left, err := os.ReadDir(b.Root); err == nil && len(left) > 0 {
		t.Errorf("%s, after call %d: left in the state root: %v", s.name, n, left)
	}
	if left := kegtest.NewLeftovers(before); len(left) > 0 {
		t.Errorf("%s, after call %d: left: %s", s.name, n, strings.Join(left, ", "))
	}
}
