package limits

import (
	"os"
	"strconv"
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
	page, pages := int64(4096), int64(65536) // too little to be cloned, and to begin
	for _, tt := range []struct {
		field string
		v1    bool // possible there
		r     oci.LinuxResources
	}{
		{"cpu.cpus", false, oci.LinuxResources{CPU: &oci.LinuxCPU{Cpus: "4000"}}},
		{"cpu.mems", false, oci.LinuxResources{CPU: &oci.LinuxCPU{Mems: "900"}}},
		{"memory.limit", false, oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: &page}}},
		{"memory.limit", false, oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: &pages}}},
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
		refuses(t, tt.r, tt.field, "")
	}
}

// refuses wants an error that begins with the field and says more.
func refuses(t *testing.T, limits oci.LinuxResources, field, more string) {
	t.Helper()
	b := limited(t, limits, "echo started")
	r := b.Run()
	if r.Code != 1 || r.Stdout != "" || !strings.Contains(r.Stderr, "linux.resources."+field+": ") || !strings.Contains(r.Stderr, more) {
		t.Errorf("%s: exit status %d, want %q\n%s%s", field, r.Code, more, r.Stdout, r.Stderr)
	}
	if left := b.Keg("list", "-q").Stdout; left != "" {
		t.Errorf("%s: left %s", field, left)
	}
}

// What only the kernel can refuse, and what this machine's cgroups do not have.
func TestRefusedDevices(t *testing.T) {
	ten, one, noDisk := uint16(10), uint32(1), oci.LinuxBlockIODevice{Major: 4095}
	refuses(t, oci.LinuxResources{BlockIO: &oci.LinuxBlockIO{LeafWeight: &ten}}, "blockIO.leafWeight", "none since 5.0")
	refuses(t, oci.LinuxResources{BlockIO: &oci.LinuxBlockIO{ThrottleReadBpsDevice: []oci.LinuxThrottleDevice{{LinuxBlockIODevice: noDisk, Rate: 1}}}},
		"blockIO.throttleReadBpsDevice[0]", "(hint: 4095:0 has to be a whole disk of this machine")
	refuses(t, oci.LinuxResources{BlockIO: &oci.LinuxBlockIO{WeightDevice: []oci.LinuxWeightDevice{{LinuxBlockIODevice: noDisk, Weight: &ten}}}},
		"blockIO.weightDevice[0].weight", "")
	refuses(t, oci.LinuxResources{HugepageLimits: []oci.LinuxHugepageLimit{{Pagesize: "3MB"}}},
		"hugepageLimits[0].pageSize", "this machine has no huge pages of 3MB; it has 1GB, 2MB")
	refuses(t, oci.LinuxResources{Rdma: map[string]oci.LinuxRdma{"none0": {HcaHandles: &one}}}, `rdma["none0"]`, "")
	if !v1Has("net_cls") {
		refuses(t, oci.LinuxResources{Network: &oci.LinuxNetwork{ClassID: &one}}, "network.classID", "net_cls")
	}
	if !v1Has("net_prio") {
		lo := []oci.LinuxInterfacePriority{{Name: "lo", Priority: 1}}
		refuses(t, oci.LinuxResources{Network: &oci.LinuxNetwork{Priorities: lo}}, "network.priorities[0]", "net_prio")
	}
}

func v1Has(controller string) bool {
	_, err := os.Stat("/sys/fs/cgroup/" + controller)
	return err == nil
}

func TestRefusedFiles(t *testing.T) {
	if !unified() {
		refuses(t, oci.LinuxResources{Unified: map[string]string{"pids.max": "1"}}, "unified", "this machine has v1")
		return
	}
	for file, want := range map[string]string{
		"cgroup.procs":   "refused",
		"cgroup.none":    "no such file",
		"pids.none":      "this kernel has no such file",
		"freezer.state":  "the controller freezer is not available here",
		"pids.current":   "pids.current",
		"../memory.high": "a controller's file",
	} {
		refuses(t, oci.LinuxResources{Unified: map[string]string{file: "1"}}, "unified["+strconv.Quote(file)+"]", want)
	}
}
