package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

const tools = "github.com/opencontainers/runtime-tools"

// inside is the program that the others put into their containers.
const inside = "runtimetest"

// build makes the programs and what they look for in their working directory:
// the one for inside a container, and a root file system.
func build(t *testing.T) (dir string, programs []string) {
	t.Helper()
	dir = kegtest.TempDir(t)
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", dir+"/", tools+"/validation/...", tools+"/cmd/"+inside)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != inside {
			programs = append(programs, e.Name())
		}
	}
	archive := "rootfs-" + runtime.GOARCH + ".tar.gz"
	data, err := os.ReadFile(filepath.Join(module(t, tools), archive))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, archive), data, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, programs
}

// module is where a module's files are.
func module(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// named is of programs whose cgroup has a name that others have too: they run one
// after the other.
func named(program string) bool {
	return strings.HasPrefix(program, "linux_cgroups_") ||
		slices.Contains([]string{"delete_resources", "delete_only_create_resources"}, program)
}
