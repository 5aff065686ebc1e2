package plan

// unsupported refuses what keg does not do yet, field by field: a limit or a
// filter that is silently missing is a hole. --ignore-unsupported makes them
// warnings.
func (c *compiler) unsupported() {
	s := c.in.Spec
	if p := s.Process; p != nil {
	}
	if l := s.Linux; l != nil {
		c.without("linux.seccomp", l.Seccomp != nil, "seccomp filters")
	}
	if c.join == nil {
		c.limits()
	}
	if s.VM != nil || s.Windows != nil || s.Solaris != nil || s.ZOS != nil {
		c.warn("config.json", "ignored: the sections for other platforms than Linux")
	}
}

func (c *compiler) without(field string, used bool, what string) {
	if !used {
		return
	}
	if c.in.IgnoreUnsupported {
		c.warn(field, "ignored: keg does not support "+what+" yet")
		return
	}
	c.fail(field, "keg does not support %s yet (--ignore-unsupported runs the container without)", what)
}
