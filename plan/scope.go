package plan

import (
	"strconv"

	"github.com/keg-project/keg/program"
	"github.com/keg-project/keg/unit"
)

// scopeSteps are what makes the cgroup where systemd does: a scope needs a
// process, so the init is there first, and waits. What systemd does not know,
// or knows less well, keg then writes itself.
func (c *compiler) scopeSteps() {
	s := c.in.Scope
	if s == nil {
		return
	}
	const field = "linux.cgroupsPath"
	whose := "systemd"
	if s.User {
		whose = "the user's systemd"
	}
	c.host(HostStep{Action: StartScope, Field: field, Title: "have " + whose + " make " + s.Name + " in " + s.Slice + ", with the init in it", Name: s.Name})
	if s.Subgroup != "" {
		c.host(HostStep{Action: EnterSubgroup, Field: "annotations." + unit.AnnotationSubgroup, Title: "make the sub-cgroup " + s.Subgroup + " of the scope, and put the init there", Name: s.Subgroup})
	}
	c.limitSteps()
	c.deviceStep()
	c.delegateStep()
}

// scopeCalls are the call of systemd's manager with the unit's properties.
func (p *Plan) scopeCalls(s *HostStep) []program.Line {
	line := program.Line{Call: "StartTransientUnit(" + strconv.Quote(s.Name) + `, "fail", {...})`}
	for _, property := range p.Scope.Properties(0, p.ScopeLimits) {
		value := property.Text()
		if property.Name == "PIDs" {
			value = "[PID]"
		}
		line.Flow = append(line.Flow, property.Name+"="+value)
	}
	return []program.Line{line}
}

func subgroupCalls(s *HostStep) []program.Line {
	dir := "CGROUP/" + s.Name
	return lines("mkdir("+strconv.Quote(dir)+", 0755)", "write("+strconv.Quote(dir+"/cgroup.procs")+`, "PID")`)
}
