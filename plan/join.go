package plan

import (
	"errors"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// Join says how a process enters a running container.
type Join struct {
	Types uint64 // CLONE_NEW* of the init's namespaces that are not keg's own: joining one's own user namespace is refused
	Root  bool   // by descriptor FDRoot: the root of the mount namespace is not the container's, or its init has not entered its own yet
	Path  string // the program, where it is not process.args[0]: a hook's
	Plain bool   // the process keeps what the setup has: user, capabilities, limits
	Exact bool   // its environment is complete: HOME is not looked up
}

// CompileJoin makes the plan of a process that joins a container, as `keg
// exec` starts it. in.Spec is the container's configuration with the process
// that is to run in place of its own.
func CompileJoin(in Input, j Join) (*Plan, error) {
	c := newCompiler(in)
	c.join, c.ns.entered = &j, j.Types
	c.plan.Joins, c.plan.args0 = true, c.programName()
	c.plan.Staged = j.Types&linux.CLONE_NEWPID != 0
	c.stages = c.plan.Staged
	c.checkLabels()
	if !j.Plain { // a hook that has the setup's privileges is no process of the container
		c.compileFilter()
	}
	c.descriptors()
	c.compile(joinOrder)
	if j.Plain {
		c.compile(plainOrder)
	} else {
		c.compile(processOrder)
	}
	c.b.SetArg(c.strays, 0, program.N(len(c.plan.FDs)))
	c.joinHostSteps()
	return c.plan, errors.Join(c.errs...)
}

// joinOrder is how a process gets into a container.
var joinOrder = []func(*compiler){
	(*compiler).takeName,
	(*compiler).closeStrays,
	(*compiler).enterCgroups,
	(*compiler).finalAffinity, // within the cpuset of the cgroup
	(*compiler).raiseOOMScore,
	(*compiler).enterContainer,
	(*compiler).session, // not before the stage has cloned it
	(*compiler).joinTerminal,
	(*compiler).joinKeyring,
}

// plainOrder is the rest for a process that keeps the setup's privileges.
var plainOrder = []func(*compiler){
	(*compiler).waitPlaced,
	(*compiler).plainCwd,
	(*compiler).findProgram,
	(*compiler).handOver,
}

// enterContainer joins all namespaces at once by the init's pidfd, as a stage
// if the pid namespace is among them: only its children are born inside.
// setns(2), "PID file descriptors"
func (c *compiler) enterContainer() {
	j := c.join
	c.beUndumpable()
	c.step("", "join the container's namespaces")
	root := program.Arg{}
	if j.Root {
		root = c.inheritedFD(FD{Kind: FDRoot})
	}
	if j.Types != 0 {
		c.call(program.Setns, c.inheritedFD(FD{Kind: FDPidfd}), program.N(j.Types))
	}
	if j.Root {
		c.call(program.Fchdir, root)
		c.call(program.Chroot, c.b.Text("."))
		c.call(program.Chdir, c.b.Text("/"))
	}
	if j.Types&linux.CLONE_NEWUSER != 0 {
		c.becomeMapped(idsUnmapped)
		c.setDumpable(0) // new ids have reset it, to what fs.suid_dumpable says
	}
	// Whatever is open is in reach of who may trace the process (CVE-2016-9962).
	c.closeFrom(c.afterKept())
	c.fewerCapabilities()
	if c.plan.Staged {
		c.cloneInit()
	}
}

// joinHostSteps lists what keg does itself for a process that joins.
func (c *compiler) joinHostSteps() {
	for i, fd := range c.plan.FDs {
		switch fd.Kind {
		case FDPidfd:
			c.host(HostStep{Action: OpenFD, Title: "open the container's init: no other process is joined, whatever happens to it", Value: i})
		case FDRoot:
			c.host(HostStep{Action: OpenFD, Title: "open the root directory of the container's init", Value: i})
		}
	}
	c.initialAffinity()
	born := 0
	for _, m := range c.in.Host.CgroupMounts {
		if m.Unified && m.Path != "" {
			born = 1
		}
	}
	c.host(HostStep{Action: CloneInit, Title: "clone the process in the container's cgroup", Value: born})
	c.processSteps()
	c.host(HostStep{Action: LetGo, Title: "let the process go on"})
}
