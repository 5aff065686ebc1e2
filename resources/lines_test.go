package resources

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func TestHugePages(t *testing.T) {
	r := oci.LinuxResources{HugepageLimits: []oci.LinuxHugepageLimit{{Pagesize: "2MB", Limit: 1<<64 - 1}, {Pagesize: "1GB"}}}
	compiles(t, r, v1(), `
hugepageLimits[0]: hugetlb hugetlb.2MB.limit_in_bytes = "18446744073709551615"
hugepageLimits[0]: hugetlb hugetlb.2MB.rsvd.limit_in_bytes = "18446744073709551615"
hugepageLimits[1]: hugetlb hugetlb.1GB.limit_in_bytes = "0"
hugepageLimits[1]: hugetlb hugetlb.1GB.rsvd.limit_in_bytes = "0"`)
	const onV2 = `
hugepageLimits[0]: hugetlb hugetlb.2MB.max = "18446744073709551615"
hugepageLimits[0]: hugetlb hugetlb.2MB.rsvd.max = "18446744073709551615"
hugepageLimits[1]: hugetlb hugetlb.1GB.max = "0"
hugepageLimits[1]: hugetlb hugetlb.1GB.rsvd.max = "0"`
	compiles(t, r, v2(), onV2)
	hybrid := Facts{V1: []string{"memory"}, V2: []string{"hugetlb"}, HugePages: []string{"1GB", "2MB"}}
	compiles(t, r, hybrid, onV2)

	refused(t, oci.LinuxResources{HugepageLimits: []oci.LinuxHugepageLimit{{Pagesize: "64KB"}}}, v2(), `
hugepageLimits[0].pageSize: this machine has no huge pages of 64KB; it has 1GB, 2MB`)
	refused(t, r, Facts{V1: []string{"hugetlb"}}, `
hugepageLimits[0].pageSize: this machine has no huge pages of 2MB; it has none
hugepageLimits[1].pageSize: this machine has no huge pages of 1GB; it has none`)
	refused(t, oci.LinuxResources{HugepageLimits: r.HugepageLimits[:1]}, Facts{Unified: true}, `
hugepageLimits[0]: the controller hugetlb is not available here`)
}

func TestNetwork(t *testing.T) {
	r := oci.LinuxResources{Network: &oci.LinuxNetwork{
		ClassID: ptr[uint32](0x100001), Priorities: []oci.LinuxInterfacePriority{{Name: "lo", Priority: 5}, {Name: "100%d", Priority: 0}},
	}}
	compiles(t, r, v1(), `
network.classID: net_cls net_cls.classid = "1048577"
network.priorities[0]: net_prio net_prio.ifpriomap = "lo 5" or "lo 0"
network.priorities[1]: net_prio net_prio.ifpriomap = "100%d 0" or "100%d 0"`)
	refused(t, r, v2(), `
network.classID: cgroup v2 has no controller net_cls
network.priorities[0]: cgroup v2 has no controller net_prio
network.priorities[1]: cgroup v2 has no controller net_prio`)
	r.Network.ClassID = nil
	refused(t, r, Facts{V1: []string{"net_cls"}}, `
network.priorities[0]: the controller net_prio is not available here
network.priorities[1]: the controller net_prio is not available here`)
	compiles(t, oci.LinuxResources{Network: &oci.LinuxNetwork{ClassID: new(uint32)}}, v2(), "") // the class of packets that have none
}

func TestRdma(t *testing.T) {
	r := oci.LinuxResources{Rdma: map[string]oci.LinuxRdma{
		"mlx5_1": {HcaHandles: ptr[uint32](3)},
		"mlx5_0": {HcaHandles: ptr[uint32](0), HcaObjects: ptr[uint32](1<<31 - 2)},
		"ocr%d":  {HcaObjects: ptr[uint32](1<<31 - 1)},
	}}
	for _, f := range []Facts{v1(), v2()} {
		compiles(t, r, f, `
rdma["mlx5_0"]: rdma rdma.max = "mlx5_0 hca_handle=0 hca_object=2147483646" or "mlx5_0 hca_handle=max hca_object=max"
rdma["mlx5_1"]: rdma rdma.max = "mlx5_1 hca_handle=3" or "mlx5_1 hca_handle=max hca_object=max"
rdma["ocr%d"]: rdma rdma.max = "ocr%d hca_object=max" or "ocr%d hca_handle=max hca_object=max"`)
	}
	refused(t, oci.LinuxResources{Rdma: map[string]oci.LinuxRdma{"ocr%d": {}}}, Facts{}, `
rdma["ocr%d"]: the controller rdma is not available here`)
}

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
