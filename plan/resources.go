package plan

import (
	"github.com/keg-project/keg/resources"
	"github.com/keg-project/keg/unit"
)

// compileLimits finds out early what the machine's cgroups cannot do.
func (c *compiler) compileLimits() {
	l := c.in.Spec.Linux
	if l == nil || l.Resources == nil {
		return
	}
	limits, err := resources.Compile(l.Resources, c.in.Host.Resources)
	if err != nil {
		c.errs = append(c.errs, err)
	}
	c.plan.Limits = limits.Writes
	if c.in.Scope != nil {
		c.plan.ScopeLimits = unit.Limits(limits.Writes, c.in.Host.Resources)
	}
	c.plan.Warnings = append(c.plan.Warnings, limits.Warnings...)
}

// limitSteps lists the limits, which are in force before the first process is
// there.
func (c *compiler) limitSteps() {
	for _, w := range c.plan.Limits {
		title := "set " + w.File
		if w.Either {
			title += ", if it can be" // one of the field's has to
		}
		c.host(HostStep{Action: SetLimit, Field: w.Field, Title: title, Name: w.File, NewName: w.Value})
	}
}
