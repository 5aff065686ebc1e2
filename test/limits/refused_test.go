package limits

import (
	"os"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// unified tells whether the machine has cgroup v2 alone.
func unified() bool {
	_, err := os.Stat("/sys/fs/cgroup/cgroup.controllers")
	return err == nil
}

// What cannot be is an error that names the field, and nothing is left.
func TestRefused(t *testing.T) {
	none, small, number, yes, no := int64(-1), int64(1<<20), uint64(1000), true, false
	for _, tt := range []struct {
		field string
		v1    bool // possible there
		r     oci.LinuxResources
	}{
		{"cpu.cpus", false, oci.LinuxResources{CPU: &oci.LinuxCPU{Cpus: "4000"}}},
		{"cpu.mems", false, oci.LinuxResources{CPU: &oci.LinuxCPU{Mems: "900"}}},
		{"memory.swap", false, oci.LinuxResources{Memory: &oci.LinuxMemory{Swap: &small}}},
		{"memory.swap", false, oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: &none, Swap: &small}}},
		{"memory.useHierarchy", false, oci.LinuxResources{Memory: &oci.LinuxMemory{UseHierarchy: &no}}},
		{"memory.disableOOMKiller", true, oci.LinuxResources{Memory: &oci.LinuxMemory{DisableOOMKiller: &yes}}},
		{"memory.swappiness", true, oci.LinuxResources{Memory: &oci.LinuxMemory{Swappiness: new(uint64)}}},
		{"memory.kernelTCP", true, oci.LinuxResources{Memory: &oci.LinuxMemory{KernelTCP: &small}}},
		{"cpu.realtimeRuntime", true, oci.LinuxResources{CPU: &oci.LinuxCPU{RealtimeRuntime: &small}}},
		{"cpu.realtimePeriod", true, oci.LinuxResources{CPU: &oci.LinuxCPU{RealtimePeriod: &number}}},
	} {
		if tt.v1 && !unified() {
			continue
		}
		b := limited(t, tt.r, "echo started")
		r := b.Run()
		if r.Code != 1 || r.Stdout != "" || !strings.Contains(r.Stderr, "linux.resources."+tt.field+": ") {
			t.Errorf("%s: exit status %d\n%s%s", tt.field, r.Code, r.Stdout, r.Stderr)
		}
		if left := b.Keg("list", "-q").Stdout; left != "" {
			t.Errorf("%s: left %s", tt.field, left)
		}
	}
}
