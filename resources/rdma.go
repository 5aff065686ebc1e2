package resources

import (
	"maps"
	"math"
	"slices"
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// rdma: runtime-spec config-linux.md#rdma. One line a device; what it leaves
// out stays as it is. v1 and v2 have the same file.
func (c *compiler) rdma(devices map[string]oci.LinuxRdma) {
	for _, name := range slices.Sorted(maps.Keys(devices)) {
		field := key("linux.resources.rdma", name)
		if c.version(field, "rdma") == 0 {
			continue
		}
		line, d := name, devices[name]
		if d.HcaHandles != nil {
			line += " hca_handle=" + rdmaLimit(*d.HcaHandles)
		}
		if d.HcaObjects != nil {
			line += " hca_object=" + rdmaLimit(*d.HcaObjects)
		}
		c.add(Write{Field: field, Controller: "rdma", File: "rdma.max", Value: line, Reset: name + " hca_handle=max hca_object=max"})
	}
}

// rdmaLimit: the kernel counts in int, of which the highest value means none,
// and refuses what is above.
func rdmaLimit(n uint32) string {
	if n >= math.MaxInt32 {
		return "max"
	}
	return strconv.FormatUint(uint64(n), 10)
}
