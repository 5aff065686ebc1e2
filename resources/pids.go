package resources

import oci "github.com/opencontainers/runtime-spec/specs-go"

// pids: runtime-spec config-linux.md#pids: -1 is unlimited, and 0 a limit (since
// 1.3.0; plan sees to older configurations).
func (c *compiler) pids(r *oci.LinuxPids) {
	if r == nil || r.Limit == nil {
		return
	}
	limit := *r.Limit
	v1 := Write{File: "pids.max", Value: orMax(limit)}
	v2 := v1
	if limit == 0 {
		v2.Value = "1" // the init itself, born in the cgroup; a limit of 0 would stop no more than that
	}
	c.set("linux.resources.pids.limit", "pids", v1, v2)
}
