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

// runtime-spec config-linux.md#pids: 0 is a limit: the program runs, and starts
// nothing.
func TestNoPids(t *testing.T) {
	b := limited(t, oci.LinuxResources{Pids: &oci.LinuxPids{Limit: new(int64)}}, `echo alone; sleep 60 & echo two`)
	r := b.Run()
	if !strings.Contains(r.Stdout, "alone") || strings.Contains(r.Stdout, "two") || r.Code == 0 {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}
