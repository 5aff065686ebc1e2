// Package update tests `keg update` by its effect: what a running container can
// do before and after.
package update

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// running is a container of root's that sleeps under limits.
func running(t *testing.T, r oci.LinuxResources) *kegtest.Bundle {
	t.Helper()
	kegtest.NeedRoot(t)
	b := sleeping(t)
	r.Devices = b.Spec.Linux.Resources.Devices
	b.Spec.Linux.Resources = &r
	return started(t, b)
}

// sleeping is a bundle whose init also reaps what its children leave: a zombie
// counts as a process.
func sleeping(t *testing.T) *kegtest.Bundle {
	t.Helper()
	return kegtest.NewBundle(t, "sh", "-c", "sleep 1000 & wait")
}

func started(t *testing.T, b *kegtest.Bundle) *kegtest.Bundle {
	t.Helper()
	b.Write()
	t.Cleanup(func() { must(t, b.Keg("delete", "--force", b.ID())) })
	must(t, b.Keg("run", "--detach", "--bundle", b.Dir, b.ID()))
	return b
}

func must(t *testing.T, r kegtest.Result) kegtest.Result {
	t.Helper()
	if r.Code != 0 {
		t.Fatalf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	return r
}

// update updates with flags, and expects no message.
func update(t *testing.T, b *kegtest.Bundle, flags ...string) {
	t.Helper()
	if r := must(t, b.Keg(append(append([]string{"update"}, flags...), b.ID())...)); r.Stdout+r.Stderr != "" {
		t.Errorf("%q: %s%s", flags, r.Stdout, r.Stderr)
	}
}

// resources updates as engines do, with JSON on standard input.
func resources(t *testing.T, b *kegtest.Bundle, json string) kegtest.Result {
	t.Helper()
	return kegtest.Command(t, json, "--root", b.Root, "update", "--resources=-", b.ID())
}

// refused expects an error with these words, and nothing else.
func refused(t *testing.T, r kegtest.Result, words ...string) {
	t.Helper()
	if r.Code != 1 || r.Stdout != "" {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	for _, w := range words {
		if !strings.Contains(r.Stderr, w) {
			t.Errorf("no %q in: %s", w, r.Stderr)
		}
	}
}

// inside runs a script in the container.
func inside(t *testing.T, b *kegtest.Bundle, script string) kegtest.Result {
	t.Helper()
	return b.Keg("exec", b.ID(), "sh", "-c", script)
}

// file is the path of a file of the container's cgroup, by its names on v1 and
// on v2.
func file(t *testing.T, b *kegtest.Bundle, controller, v1, v2 string) string {
	t.Helper()
	if pureV2() {
		return one(t, b, "/sys/fs/cgroup", v2)
	}
	return one(t, b, filepath.Join("/sys/fs/cgroup", controller), v1)
}

func one(t *testing.T, b *kegtest.Bundle, mount, name string) string {
	t.Helper()
	found := ""
	filepath.WalkDir(mount, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == b.ID() {
			found = filepath.Join(path, name)
			return filepath.SkipAll
		}
		return nil
	})
	if found == "" {
		t.Fatalf("no cgroup %s in %s", b.ID(), mount)
	}
	return found
}

func pureV2() bool {
	_, err := os.Stat("/sys/fs/cgroup/cgroup.controllers")
	return err == nil
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

func limit(n int64) *int64 { return &n }
