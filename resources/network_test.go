package resources

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

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
