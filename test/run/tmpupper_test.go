package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// An overlay with tmpupper shows the directory, with its mode; what is written
// goes nowhere, and the directory is not mounted anywhere else in the container.
func TestTmpUpper(t *testing.T) {
	lower := filepath.Join(kegtest.TempDir(t), "with:colon, and comma")
	if err := os.Mkdir(lower, 0o751); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(lower, "f"), []byte("lower\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := kegtest.NewBundle(t, "sh", "-c", "cat /up/f; stat -c %a /up; echo x > /up/f; echo y > /up/g; cat /up/f /up/g; grep -c -e with:colon -e /lower /proc/self/mountinfo || true")
	b.Spec.Mounts = append(b.Spec.Mounts, oci.Mount{Destination: "/up", Type: "overlay", Source: "overlay", Options: []string{"lowerdir=" + lower, "tmpupper"}})
	if got := strings.Fields(b.Output()); strings.Join(got, " ") != "lower 751 x y 0" {
		t.Errorf("got %q", got)
	}
	text, err := os.ReadFile(filepath.Join(lower, "f"))
	if _, g := os.Stat(filepath.Join(lower, "g")); err != nil || string(text) != "lower\n" || g == nil {
		t.Errorf("the directory has changed: %q, %v", text, g)
	}
}
