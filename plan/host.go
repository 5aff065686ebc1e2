package plan

import (
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

// hostSteps lists what keg does itself, in order.
func (c *compiler) hostSteps() {
	c.host(HostStep{Action: SaveState, Title: "record the container, so that it can be deleted whatever happens"})
	own := c.in.Scope == nil && !c.in.NoCgroup
	if own || c.in.Scope != nil && !c.in.Host.Resources.Unified { // systemd has not all of v1's hierarchies
		c.host(HostStep{Action: MakeCgroup, Field: "linux.cgroupsPath", Title: "make the container's cgroup"})
	}
	if own {
		c.limitSteps()
		c.deviceStep()
		c.delegateStep()
	}
	if l := c.in.Spec.Linux; l != nil && l.IntelRdt != nil {
		c.host(HostStep{Action: MakeResctrl, Field: "linux.intelRdt", Title: resctrlTitle(l.IntelRdt, c.in.ID)})
	}
	for i, fd := range c.plan.FDs {
		switch fd.Kind {
		case FDNamespace:
			c.host(HostStep{Action: OpenFD, Field: fd.Field, Title: "open the namespace " + fd.Path, Value: i})
		case FDTree:
			c.host(HostStep{Action: OpenFD, Field: fd.Field, Title: "take a detached copy of the mount at " + fd.Path, Value: i})
		}
	}
	born := 0
	if c.in.Host.Resources.Unified && own {
		born = 1
	}
	c.host(HostStep{Action: CloneInit, Field: "linux.namespaces", Title: c.cloneTitle(), Value: born})
	if c.plan.Maps != nil {
		c.host(HostStep{Action: WriteMaps, Field: "linux.uidMappings", Title: "write the user namespace's id mappings"})
	}
	c.processSteps()
	c.netDevices()
	if l := c.in.Spec.Linux; l != nil && l.IntelRdt != nil {
		c.host(HostStep{Action: JoinResctrl, Field: "linux.intelRdt", Title: "put the init into the resctrl group"})
	}
	c.scopeSteps()
	c.host(HostStep{Action: LetGo, Title: "record the init's pid, let it go on"})
	c.hostHooks()
}

// resctrlTitle says which group it is.
func resctrlTitle(r *oci.LinuxIntelRdt, id string) string {
	title := "find or make the resctrl group " + r.ClosID
	if r.ClosID == "" {
		title = "make the resctrl group " + id
	}
	if r.EnableMonitoring {
		title += ", and in it the monitoring group " + id
	}
	return title
}

// processSteps are about the process alone, whichever of the container it is.
func (c *compiler) processSteps() {
	p := c.in.Spec.Process
	if p == nil {
		return
	}
	if p.OOMScoreAdj != nil && c.in.Host.Privileged { // otherwise the process does: raiseOOMScore
		score := *p.OOMScoreAdj
		c.host(HostStep{Action: OOMScore, Field: "process.oomScoreAdj", Title: "set the OOM score adjustment to " + strconv.Itoa(score), Value: score})
	}
	if c.in.Host.Privileged && c.ns.has(linux.CLONE_NEWUSER) {
		c.raiseLimits()
	}
}

func (c *compiler) host(s HostStep) { c.plan.Host = append(c.plan.Host, s) }

// cloneTitle: the first process is born in its cgroup and in what namespaces
// can be clone flags.
func (c *compiler) cloneTitle() string {
	who := "the container's first process"
	if c.plan.Staged {
		who = "a stage, which will clone the container's first process,"
	}
	where := " in the container's cgroup"
	if c.in.Scope != nil || c.in.NoCgroup {
		where = ""
	}
	if c.plan.CloneFlags == 0 {
		return "clone " + who + where
	}
	var names []string
	for _, n := range c.in.Spec.Linux.Namespaces {
		if c.plan.CloneFlags&kindOf(n.Type) != 0 && n.Path == "" {
			names = append(names, string(n.Type))
		}
	}
	return "clone " + who + where + ", into new namespaces: " + strings.Join(names, ", ")
}

// raiseLimits: in a user namespace the init may lower its limits but not
// raise them. setrlimit(2), CAP_SYS_RESOURCE
func (c *compiler) raiseLimits() {
	for i, r := range c.in.Spec.Process.Rlimits {
		c.host(HostStep{Action: RaiseLimit, Field: index("process.rlimits", i), Title: "raise " + r.Type + " as far as it is asked for",
			Limit: Limit{int(number(rlimitTable[:], r.Type)), r.Soft, r.Hard}})
	}
}

func (c *compiler) netDevices() {
	if c.in.Spec.Linux == nil {
		return
	}
	for _, name := range sortedKeys(c.in.Spec.Linux.NetDevices) {
		to := c.in.Spec.Linux.NetDevices[name].Name
		if to == "" {
			to = name
		}
		c.host(HostStep{Action: MoveDevice, Field: "linux.netDevices." + name, Title: "move network device " + name + " into the container as " + to,
			Name: name, NewName: to})
	}
}
