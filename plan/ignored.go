package plan

// warnIgnored warns of what the configuration asks for and keg leaves out: a
// limit that is silently missing is a hole.
func (c *compiler) warnIgnored() {
	if s := c.in.Spec; s.VM != nil || s.Windows != nil || s.Solaris != nil || s.ZOS != nil {
		c.warn("config.json", "ignored: the sections for other platforms than Linux")
	}
}
