package plan

import (
	"slices"

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
	c.roomForStage(limits.Writes)
	c.plan.Limits = limits.Writes
	if c.in.Scope != nil {
		c.plan.ScopeLimits = unit.Limits(limits.Writes, c.in.Host.Resources)
	}
	c.plan.Warnings = append(c.plan.Warnings, limits.Warnings...)
}

// roomForStage: on v2 the stage is born in the cgroup, as the init is that it
// clones, and clone(2) would say no more than EAGAIN. On v1 they are moved there,
// which no limit keeps them from.
func (c *compiler) roomForStage(limits []resources.Write) {
	ns := namespacesOf(c.in.Spec.Linux)
	if !ns.staged() || !slices.Contains(c.in.Host.Resources.V2, "pids") {
		return
	}
	for _, w := range limits {
		if w.File == "pids.max" && (w.Value == "0" || w.Value == "1") {
			c.fail(w.Field, "%s is too little on cgroup v2 with a new time namespace or one that is joined: "+
				"a second process makes the container's first, so 2 is the least; keg update can lower it once the container is created", w.Value)
		}
	}
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
