package plan

import (
	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
	"github.com/keg-project/keg/unit"
)

// deviceRules: a container without rules gets those that every container gets.
func (c *compiler) deviceRules() {
	var list []oci.LinuxDeviceCgroup
	if l := c.in.Spec.Linux; l != nil && l.Resources != nil {
		list = l.Resources.Devices
	}
	f := c.in.Host.Devices
	f.Nodes = c.in.Host.Mknod && !c.ns.has(linux.CLONE_NEWUSER)
	set, warning, err := devices.Enforce(list, f)
	if err != nil {
		c.errs = append(c.errs, err)
	}
	if warning != "" {
		c.plan.Warnings = append(c.plan.Warnings, warning)
	}
	c.plan.Devices = set
	if err == nil && set != nil && c.in.Scope != nil && f.Control == devices.V1Files {
		properties, err := unit.Devices(set)
		if err != nil {
			c.errs = append(c.errs, err)
		}
		c.plan.ScopeLimits = append(c.plan.ScopeLimits, properties...)
	}
}

// deviceStep: the rules are in force before the first process is there. It
// needs none of what they can deny: mknod(2) is always allowed.
func (c *compiler) deviceStep() {
	set, control := c.plan.Devices, c.in.Host.Devices.Control
	if set != nil && len(set.Explain(control)) > 0 {
		c.host(HostStep{Action: SetDevices, Field: devices.Field, Title: "restrict the use of devices", Value: int(control)})
	}
}

func (p *Plan) deviceCalls(s *HostStep) []program.Line {
	control := devices.Control(s.Value)
	calls := lines(p.Devices.Explain(control)...)
	if control == devices.Program {
		calls[0].Flow = p.Devices.Lines()
		calls[0].Flow[0] = "the first that fits counts: " + calls[0].Flow[0]
	}
	return calls
}
