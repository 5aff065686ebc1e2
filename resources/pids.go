package resources

import (
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// pids: runtime-spec config-linux.md#pids: -1 is unlimited, and 0 a limit.
func (c *compiler) pids(r *oci.LinuxPids) {
	if r == nil || r.Limit == nil {
		return
	}
	const field = "linux.resources.pids.limit"
	if c.version(field, "pids") == 0 {
		return
	}
	value := "max"
	if *r.Limit >= 0 {
		value = strconv.FormatInt(*r.Limit, 10)
	}
	c.write(field, "pids", "pids.max", value)
}
