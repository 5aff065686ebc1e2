package resources

import (
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// pids: runtime-spec config-linux.md#pids: -1 is unlimited, and 0 a limit (since
// 1.3.0; plan sees to older configurations).
func (c *compiler) pids(r *oci.LinuxPids) {
	if r == nil || r.Limit == nil {
		return
	}
	const field = "linux.resources.pids.limit"
	version := c.version(field, "pids")
	if version == 0 {
		return
	}
	value := "max"
	if *r.Limit >= 0 {
		value = strconv.FormatInt(*r.Limit, 10)
	}
	if value == "0" && version == 2 {
		value = "1" // the init itself, born in the cgroup; a limit of 0 would stop no more than that
	}
	c.write(field, "pids", "pids.max", value)
}
