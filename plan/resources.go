package plan

import (
	"slices"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/resources"
	"github.com/keg-project/keg/unit"
)

// compileLimits finds out early what the machine's cgroups cannot do.
func (c *compiler) compileLimits() {
	l := c.in.Spec.Linux
	if l == nil || l.Resources == nil {
		return
	}
	limits, err := resources.Compile(asOfVersion(l.Resources, c.in.Spec.Version), c.in.Host.Resources)
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

// asOfVersion: before version 1.3.0 of the specification a pids.limit of 0 was
// none, and Podman writes --pids-limit -1 so. Left out altogether it would be
// systemd's default.
func asOfVersion(r *oci.LinuxResources, version string) *oci.LinuxResources {
	if r.Pids == nil || r.Pids.Limit == nil || *r.Pids.Limit != 0 || !before13(version) {
		return r
	}
	unlimited, old := int64(-1), *r
	old.Pids = &oci.LinuxPids{Limit: &unlimited}
	return &old
}

// before13: of a version that spec has found to be 1.x.y.
func before13(version string) bool {
	minor, _, _ := strings.Cut(strings.TrimPrefix(version, "1."), ".")
	return minor == "0" || minor == "1" || minor == "2"
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
