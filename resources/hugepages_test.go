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
