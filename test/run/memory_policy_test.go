package run

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// The memory policy is the program's, and of what exec starts. numa(7),
// /proc/PID/numa_maps
func TestMemoryPolicy(t *testing.T) {
	for _, c := range []struct {
		policy oci.LinuxMemoryPolicy
		want   string
	}{
		{oci.LinuxMemoryPolicy{Mode: oci.MpolBind, Nodes: "0"}, "bind:0"},
		{oci.LinuxMemoryPolicy{Mode: oci.MpolBind, Nodes: "0", Flags: []oci.MemoryPolicyFlagType{oci.MpolFStaticNodes}}, "bind=static:0"},
		{oci.LinuxMemoryPolicy{Mode: oci.MpolInterleave, Nodes: "0-0", Flags: []oci.MemoryPolicyFlagType{oci.MpolFRelativeNodes}}, "interleave=relative:0"},
		{oci.LinuxMemoryPolicy{Mode: oci.MpolPreferred, Nodes: "0"}, "prefer:0"},
		{oci.LinuxMemoryPolicy{Mode: oci.MpolPreferred}, "local"},
		{oci.LinuxMemoryPolicy{Mode: oci.MpolLocal}, "local"},
		{oci.LinuxMemoryPolicy{Mode: oci.MpolDefault}, "default"},
		{oci.LinuxMemoryPolicy{Mode: oci.MpolPreferredMany, Nodes: "0"}, "prefer (many):0"},
	} {
		b := kegtest.NewBundle(t, "sleep", "100")
		b.Spec.Linux.MemoryPolicy = &c.policy
		started(t, b)
		for _, process := range []string{"1", "self"} {
			if got := execOutput(t, b, "cat", "/proc/"+process+"/numa_maps"); !strings.Contains(got, " "+c.want+" ") {
				t.Errorf("%+v: /proc/%s/numa_maps:\n%s", c.policy, process, got)
			}
		}
		b.Keg("delete", "-f", b.ID())
	}
}
