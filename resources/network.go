package resources

import (
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// network: runtime-spec config-linux.md#network. Both controllers are v1's
// alone; v2 has nothing in their place that a runtime could set. Class 0 is
// that of all packets without one.
func (c *compiler) network(r *oci.LinuxNetwork) {
	if r == nil {
		return
	}
	const field = "linux.resources.network"
	if f := field + ".classID"; r.ClassID != nil && *r.ClassID != 0 && c.onlyV1(f, "net_cls") {
		c.write(f, "net_cls", "net_cls.classid", strconv.FormatUint(uint64(*r.ClassID), 10))
	}
	for i, p := range r.Priorities {
		if f := index(field+".priorities", i); c.onlyV1(f, "net_prio") {
			c.add(Write{
				Field: f, Controller: "net_prio", File: "net_prio.ifpriomap",
				Value: p.Name + " " + strconv.FormatUint(uint64(p.Priority), 10), Reset: p.Name + " 0",
			})
		}
	}
}

func (c *compiler) onlyV1(field, controller string) bool {
	if c.facts.Unified {
		c.fail(field, "cgroup v2 has no controller %s", controller)
		return false
	}
	return c.version(field, controller) != 0
}
