package plan

import (
	"github.com/keg-project/keg/resources"
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
	c.plan.Warnings = append(c.plan.Warnings, limits.Warnings...)
}

// limitSteps lists the limits, which are in force before the first process is
// there.
func (c *compiler) limitSteps() {
	for _, w := range c.plan.Limits {
		c.host(HostStep{Action: SetLimit, Field: w.Field, Title: "set " + w.File, Name: w.File, NewName: w.Value})
	}
}
