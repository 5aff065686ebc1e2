package plan

// warnIgnored warns of sections that are valid and mean nothing here.
func (c *compiler) warnIgnored() {
	if s := c.in.Spec; s.VM != nil || s.Windows != nil || s.Solaris != nil || s.ZOS != nil {
		c.warn("config.json", "ignored: the sections for other platforms than Linux")
	}
}
