// Package systemd tests containers whose cgroups a systemd manager makes, the
// system's as root and the user's own as an ordinary user.
//
// It runs from a binary alone (go test -c), where systemd is process 1:
// test/vm --systemd. What needs none runs everywhere.
package systemd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// needSystemd skips tests that ask a manager. There is none where the other
// tests run: CI has these in a virtual machine, and fails if it cannot.
func needSystemd(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		t.Skip("needs systemd as process 1: test/vm --systemd")
	}
}

// bundle runs a shell script in a container that is a scope in a slice of its
// own. Whatever happens, nothing may be left.
func bundle(t *testing.T, script string, change ...func(*oci.Spec)) *kegtest.Bundle {
	t.Helper()
	needSystemd(t)
	b := kegtest.NewBundle(t, "sh", "-c", script)
	b.Spec.Root.Readonly = false
	b.Spec.Linux.CgroupsPath = "keg_test.slice:keg:" + b.ID()
	for _, f := range change {
		f(b.Spec)
	}
	b.Write()
	t.Cleanup(func() {
		if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
			t.Error(r.Stderr)
		}
		nothingLeft(t, b.ID())
		systemctl(t, "stop", "keg_test.slice")
	})
	return b
}

// running is bundle, started.
func running(t *testing.T, script string, change ...func(*oci.Spec)) *kegtest.Bundle {
	t.Helper()
	b := bundle(t, script, change...)
	keg(t, b, "--systemd-cgroup", "run", "-d", "--bundle", b.Dir, b.ID())
	return b
}

// keg runs a command that must not fail.
func keg(t *testing.T, b *kegtest.Bundle, args ...string) string {
	t.Helper()
	r := b.Keg(args...)
	if r.Code != 0 {
		t.Fatalf("%q: exit status %d\n%s%s", args, r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

func scope(b *kegtest.Bundle) string { return "keg-" + b.ID() + ".scope" }

// systemctl asks the manager that keg asks.
func systemctl(t *testing.T, args ...string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		args = append([]string{"--user"}, args...)
	}
	out, err := exec.Command("systemctl", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("systemctl %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// property of a unit, as systemd has it.
func property(t *testing.T, unit, name string) string {
	t.Helper()
	return strings.TrimSpace(systemctl(t, "show", "--value", "-p", name, unit))
}

// properties fails the test for those that are not as wanted.
func properties(t *testing.T, unit string, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got := property(t, unit, name); got != value {
			t.Errorf("%s: %s=%q, want %q", unit, name, got, value)
		}
	}
}

// nothingLeft of a container: no unit, failed ones included, no cgroup.
func nothingLeft(t *testing.T, id string) {
	t.Helper()
	if units := systemctl(t, "list-units", "--all", "--plain", "--no-legend", "*"+id+"*"); strings.TrimSpace(units) != "" {
		t.Errorf("units are left:\n%s", units)
	}
	for _, dir := range cgroups(id) {
		t.Errorf("%s is left", dir)
	}
}

// cgroups finds those that have the id in their name.
func cgroups(id string) []string {
	var list []string
	filepath.WalkDir("/sys/fs/cgroup", func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.Contains(d.Name(), id) {
			list = append(list, path)
			return filepath.SkipDir
		}
		return nil
	})
	return list
}

// pidOf is the init's.
func pidOf(t *testing.T, b *kegtest.Bundle) string {
	t.Helper()
	_, rest, ok := strings.Cut(keg(t, b, "state", b.ID()), `"pid":`)
	pid, _, _ := strings.Cut(rest, ",")
	if !ok {
		t.Fatal("no pid in the state")
	}
	return strings.TrimSpace(pid)
}

// limitFile is a file of the container's cgroup.
func limitFile(t *testing.T, b *kegtest.Bundle, controller, name string) string {
	t.Helper()
	table, err := os.ReadFile("/proc/" + pidOf(t, b) + "/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) { // v1's come first
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		dir := "/sys/fs/cgroup"
		switch {
		case pure():
		case fields[1] == "":
			dir += "/unified"
		case strings.Contains(","+fields[1]+",", ","+controller+","):
			dir += "/" + fields[1]
		default:
			continue
		}
		text, err := os.ReadFile(dir + fields[2] + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	t.Fatalf("no %s in\n%s", controller, table)
	return ""
}

// pure tells whether the machine has the unified hierarchy alone.
func pure() bool {
	_, err := os.Stat("/sys/fs/cgroup/cgroup.controllers")
	return err == nil
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never came: " + what)
		}
	}
}

func annotate(name, value string) func(*oci.Spec) {
	return func(s *oci.Spec) {
		if s.Annotations == nil {
			s.Annotations = map[string]string{}
		}
		s.Annotations[name] = value
	}
}

func limit(change func(*oci.LinuxResources)) func(*oci.Spec) {
	return func(s *oci.Spec) {
		if s.Linux.Resources == nil {
			s.Linux.Resources = &oci.LinuxResources{}
		}
		change(s.Linux.Resources)
	}
}

func memory(bytes int64) func(*oci.Spec) {
	return limit(func(r *oci.LinuxResources) { r.Memory = &oci.LinuxMemory{Limit: &bytes} })
}

func pids(n int64) func(*oci.Spec) {
	return limit(func(r *oci.LinuxResources) { r.Pids = &oci.LinuxPids{Limit: &n} })
}

func number(n int) string { return fmt.Sprint(n) }
