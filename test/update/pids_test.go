package update

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// sixChildren goes on until the children that there were are gone, so that the
// next one finds room. Without any for itself it can still kill.
const sixChildren = `: >/dev/shm/children
(for i in 1 2 3 4 5 6; do sleep 1000 & echo $! >>/dev/shm/children; done; echo all)
while read child; do kill $child; done </dev/shm/children
set -- /proc/[0-9]*; while [ $# -gt 3 ]; do set -- /proc/[0-9]*; done`

// canFork tells whether six more processes can be there at once.
func canFork(t *testing.T, b *kegtest.Bundle) bool {
	t.Helper()
	r := inside(t, b, sixChildren)
	if all := strings.Contains(r.Stdout, "all"); all != !strings.Contains(r.Stderr, "fork") {
		t.Fatalf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	return strings.Contains(r.Stdout, "all")
}

func expectFork(t *testing.T, b *kegtest.Bundle, want bool, when string) {
	t.Helper()
	if canFork(t, b) != want {
		t.Errorf("%s: six processes can be started: %t, want %t", when, !want, want)
	}
}

func TestPids(t *testing.T) {
	b := running(t, oci.LinuxResources{Pids: &oci.LinuxPids{Limit: limit(100)}})
	expectFork(t, b, true, "at first")
	update(t, b, "--pids-limit", "5")
	expectFork(t, b, false, "limit of 5")
	update(t, b, "--pids-limit=50")
	expectFork(t, b, true, "limit of 50")
	must(t, resources(t, b, `{"Pids":{"LIMIT":5}}`))
	expectFork(t, b, false, "limit of 5 as JSON, in other letter case")
	update(t, b, "-pids-limit", "-1")
	expectFork(t, b, true, "no limit")
}

// What is not given stays, also when nothing is.
func TestNothing(t *testing.T) {
	b := running(t, oci.LinuxResources{Pids: &oci.LinuxPids{Limit: limit(5)}})
	update(t, b)
	for _, json := range []string{`{}`, `null`, `{"memory":{},"cpu":{},"pids":{},"blockIO":{}}`, `{"somethingElse":[1]}`} {
		must(t, resources(t, b, json))
	}
	expectFork(t, b, false, "limit of 5")
}

// A limit that leaves exec itself no room is named as the cause.
func TestNoRoom(t *testing.T) {
	b := running(t, oci.LinuxResources{})
	update(t, b, "--pids-limit", "1")
	if r := b.Keg("exec", b.ID(), "true"); r.Code != 255 || !strings.Contains(r.Stderr, "a limit on processes is reached: pids.max") {
		t.Errorf("exit status %d, %s", r.Code, r.Stderr)
	}
}

func TestResourcesFile(t *testing.T) {
	b := running(t, oci.LinuxResources{})
	name := filepath.Join(b.Dir, "limits.json")
	if err := os.WriteFile(name, []byte(`{"pids":{"limit":5}}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, b.Keg("update", b.ID(), "-r", name)) // behind the id
	expectFork(t, b, false, "limit of 5 from a file")

	r := must(t, b.Keg("update", "--resources", name, "--pids-limit", "100", b.ID()))
	if want := "--pids-limit: ignored beside --resources"; !strings.Contains(r.Stderr, want) {
		t.Errorf("no %q in: %s", want, r.Stderr)
	}
	expectFork(t, b, false, "limit of 5 beside a flag")
}

// A created container's limits can be changed before its program runs.
func TestCreated(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeping(t)
	b.Write()
	t.Cleanup(func() { must(t, b.Keg("delete", "--force", b.ID())) })
	must(t, b.Keg("create", "--bundle", b.Dir, b.ID()))
	update(t, b, "--pids-limit", "5")
	must(t, b.Keg("start", b.ID()))
	expectFork(t, b, false, "limit of 5")
}
