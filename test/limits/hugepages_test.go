package limits

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// One huge page may be used; two cannot be reserved, and where nothing is
// reserved, the second kills with SIGBUS.
func TestHugePages(t *testing.T) {
	const pages = "/sys/kernel/mm/hugepages/hugepages-2048kB/"
	if text, err := os.ReadFile(pages + "free_hugepages"); err != nil || number(t, string(text)) < 2 {
		t.Skip("no huge pages: test/vm sets some aside, which needs a machine of one's own")
	}
	program, err := kegtest.Program("testdata/maphuge.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		code int
		says string
	}{
		{"2 1", 0, "written"},
		{"2 2", 3, "Cannot allocate memory"},
		{"2 1 norsv", 0, "written"},
		{"2 2 norsv", 128 + 7, ""},
	} {
		b := limited(t, oci.LinuxResources{HugepageLimits: []oci.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 2 << 20}}},
			"exec /bin/maphuge "+tt.args)
		if err := os.WriteFile(filepath.Join(b.Dir, "rootfs/bin/maphuge"), program, 0o755); err != nil {
			t.Fatal(err)
		}
		if r := b.Run(); r.Code != tt.code || !strings.Contains(r.Stdout+r.Stderr, tt.says) {
			t.Errorf("%s: exit status %d, want %d\n%s%s", tt.args, r.Code, tt.code, r.Stdout, r.Stderr)
		}
	}
}

// TestHugePagesNone: with a limit of 0 none can be reserved, whatever the
// machine has; here only that the files are there and take the value.
func TestHugePagesNone(t *testing.T) {
	b := limited(t, oci.LinuxResources{HugepageLimits: []oci.LinuxHugepageLimit{{Pagesize: "2MB"}}}, "echo started")
	if out := b.Output(); out != "started\n" {
		t.Error(out)
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
