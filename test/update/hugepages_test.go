package update

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// Huge pages by the sizes that the machine has. What a limit of them stops is
// in test/limits, where there are some.
func TestHugePages(t *testing.T) {
	b := running(t, oci.LinuxResources{})
	must(t, resources(t, b, `{"hugepageLimits":[{"pageSize":"2MB","limit":4194304}]}`))
	refused(t, resources(t, b, `{"pids":{"limit":5},"hugepageLimits":[{"pageSize":"3MB","limit":0}]}`), "hugepageLimits[0].pageSize: this machine has no huge pages of 3MB; it has ")
	expectFork(t, b, true, "beside a limit that was refused")
	mount := "/sys/fs/cgroup"
	if !pureV2() {
		mount += "/unified" // hugetlb is in no v1 hierarchy where the tests run
	}
	for _, name := range []string{"hugetlb.2MB.max", "hugetlb.2MB.rsvd.max"} {
		if got := read(t, one(t, b, mount, name)); got != "4194304" {
			t.Errorf("%s is %s", name, got)
		}
	}
}

// Files by v2's own names, on v2 alone.
func TestUnified(t *testing.T) {
	b := running(t, oci.LinuxResources{})
	r := resources(t, b, `{"unified":{"pids.max":"5"}}`)
	if !pureV2() {
		refused(t, r, "unified: these are files of cgroup v2, and this machine has v1")
		return
	}
	must(t, r)
	expectFork(t, b, false, "limit of 5")
	refused(t, resources(t, b, `{"unified":{"pids.max":"50","memory.high":"many"}}`), `unified["memory.high"]: `)
	refused(t, resources(t, b, `{"unified":{"pids.max":"50","cgroup.freeze":"1"}}`), `unified["cgroup.freeze"]: refused`)
	expectFork(t, b, false, "limit of 5 beside files that were refused")
}
