package scale

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// pss is what a created container's process takes of the machine's memory, in
// KiB: its own pages, and its share of those that it has with others.
func pss(t *testing.T, b *kegtest.Bundle, id string) int {
	t.Helper()
	var state struct{ Pid int }
	if err := json.Unmarshal([]byte(b.Keg("state", id).Stdout), &state); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", state.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kib int
		if n, _ := fmt.Sscanf(line, "Pss: %d kB", &kib); n == 1 {
			return kib
		}
	}
	t.Fatalf("no Pss:\n%s", text)
	return 0
}
