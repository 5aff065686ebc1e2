package resources

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func TestUnified(t *testing.T) {
	compiles(t, oci.LinuxResources{
		HugepageLimits: []oci.LinuxHugepageLimit{{Pagesize: "2MB"}},
		Unified: map[string]string{
			"memory.high":            "1000000\n",
			"io.max":                 "8:0 rbps=5\n\n8:16 wiops=7 rbps=max\n",
			"io.weight":              "50",
			"io.bfq.weight":          "8:0 70",
			"cgroup.max.descendants": "3",
			"hugetlb.2MB.max":        "max",
			"cpu.max":                "",
			"misc.max":               "sev 1",
		},
	}, v2(), `
hugepageLimits[0]: hugetlb hugetlb.2MB.max = "0"
hugepageLimits[0]: hugetlb hugetlb.2MB.rsvd.max = "0"
unified["cgroup.max.descendants"]:  cgroup.max.descendants = "3"
unified["cpu.max"]: cpu cpu.max = "\n"
unified["hugetlb.2MB.max"]: hugetlb hugetlb.2MB.max = "max"
unified["io.bfq.weight"]: io io.bfq.weight = "8:0 70" or "8:0 default"
unified["io.max"]: io io.max = "8:0 rbps=5" or "8:0 rbps=max wbps=max riops=max wiops=max"
unified["io.max"]: io io.max = "8:16 wiops=7 rbps=max" or "8:16 rbps=max wbps=max riops=max wiops=max"
unified["io.weight"]: io io.weight = "50" or "default 100"
unified["memory.high"]: memory memory.high = "1000000"
unified["misc.max"]: misc misc.max = "sev 1" or "sev max"`)
}

func TestUnifiedRefused(t *testing.T) {
	refused(t, oci.LinuxResources{Unified: map[string]string{
		"cgroup.procs": "1", "cgroup.threads": "1", "cgroup.freeze": "1", "cgroup.kill": "1", "cgroup.subtree_control": "+pids",
		"cgroup.type": "threaded", "pids.max": "1", "freezer.state": "FROZEN", "100%d.max": "1",
	}}, v2(), `
unified["100%d.max"]: the controller 100%d is not available here
unified["cgroup.freeze"]: refused: it is for keg to decide whether the container is paused
unified["cgroup.kill"]: refused: it is for keg to decide when the container is killed
unified["cgroup.procs"]: refused: it is for keg to decide what is in the cgroup
unified["cgroup.subtree_control"]: refused: it is for keg to decide which controllers cgroups below have
unified["cgroup.threads"]: refused: it is for keg to decide what is in the cgroup
unified["cgroup.type"]: refused: it is for keg to decide of what type the cgroup is
unified["freezer.state"]: the controller freezer is not available here
unified["pids.max"]: the controller pids is not available here`)
	hybrid := Facts{V1: []string{"memory"}, V2: []string{"hugetlb"}}
	refused(t, oci.LinuxResources{Unified: map[string]string{"hugetlb.2MB.max": "1"}}, hybrid, `
unified: these are files of cgroup v2, and this machine has v1`)
	compiles(t, oci.LinuxResources{Unified: map[string]string{}}, hybrid, "")
}
