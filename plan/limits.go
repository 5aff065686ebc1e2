package plan

// limits warns of every limit that is asked for: cgroups are made and joined,
// but nothing is written to them yet.
func (c *compiler) limits() {
	r := c.in.Spec.Linux.Resources
	if r == nil {
		return
	}
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"memory", r.Memory != nil}, {"cpu", r.CPU != nil}, {"pids", r.Pids != nil}, {"blockIO", r.BlockIO != nil},
		{"hugepageLimits", len(r.HugepageLimits) > 0}, {"network", r.Network != nil}, {"rdma", len(r.Rdma) > 0},
		{"devices", len(r.Devices) > 0}, {"unified", len(r.Unified) > 0},
	} {
		if f.set {
			c.warn("linux.resources."+f.name, "not applied: keg does not set cgroup limits yet")
		}
	}
}
