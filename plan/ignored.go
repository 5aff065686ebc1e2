package plan

// warnIgnored warns of what the configuration asks for and keg leaves out: a
// limit that is silently missing is a hole.
func (c *compiler) warnIgnored() {
	c.limits()
	if s := c.in.Spec; s.VM != nil || s.Windows != nil || s.Solaris != nil || s.ZOS != nil {
		c.warn("config.json", "ignored: the sections for other platforms than Linux")
	}
}

// limits warns of the limits that are asked for: cgroups are made and joined,
// but nothing is written to them yet.
func (c *compiler) limits() {
	l := c.in.Spec.Linux
	if l == nil || l.Resources == nil {
		return
	}
	if len(l.Resources.Devices) > 0 {
		c.warn("linux.resources.devices", "not applied: keg does not set cgroup limits yet")
	}
}
