package plan

// unsupported tells, field by field, what keg does not do yet: a limit that is
// silently missing is a hole.
func (c *compiler) unsupported() {
	s := c.in.Spec
	if c.join == nil {
		c.limits()
	}
	if s.VM != nil || s.Windows != nil || s.Solaris != nil || s.ZOS != nil {
		c.warn("config.json", "ignored: the sections for other platforms than Linux")
	}
}
