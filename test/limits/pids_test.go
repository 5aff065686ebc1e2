package limits

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// More processes than the limit cannot be started, as many as it can.
func TestPids(t *testing.T) {
	limit := int64(8)
	b := limited(t, oci.LinuxResources{Pids: &oci.LinuxPids{Limit: &limit}},
		`i=0; while [ $i -lt 7 ]; do sleep 60 & i=$((i+1)); done; echo seven; sleep 60 & echo eight`)
	r := b.Run()
	if !strings.Contains(r.Stdout, "seven") || strings.Contains(r.Stdout, "eight") || r.Code == 0 {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}
