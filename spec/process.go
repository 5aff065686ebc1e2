package spec

import (
	"math"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// ValidateProcess checks a process that is to join a container. The error is
// Violations.
func ValidateProcess(v *oci.Process) error {
	c := checker{}
	var root path
	p := root.field("process")
	c.stringsProcess(&p, v)
	c.process(&root, v)
	return c.err()
}

// process: the specification needs it from start on only, but keg compiles all
// that start will run when it creates.
func (c *checker) process(root *path, v *oci.Process) {
	p := root.field("process")
	if v == nil {
		c.missing(&p, "an object")
		return
	}
	args, env, cwd, oom := p.field("args"), p.field("env"), p.field("cwd"), p.field("oomScoreAdj")
	if len(v.Args) == 0 || v.Args[0] == "" {
		c.missing(&args, "a program and its arguments")
	}
	c.environment(&env, v.Env)
	c.absolute(&cwd, v.Cwd)
	if v.OOMScoreAdj != nil {
		between(c, &oom, *v.OOMScoreAdj, -1000, 1000)
	}
	c.user(&p, &v.User)
	c.console(&p, v)
	c.rlimits(&p, v.Rlimits)
	c.scheduler(&p, v.Scheduler)
	c.ioPriority(&p, v.IOPriority)
	c.affinity(&p, v.ExecCPUAffinity)
}

func (c *checker) environment(p *path, env []string) {
	for i, variable := range env {
		if strings.IndexByte(variable, '=') <= 0 {
			e := p.at(i)
			c.bad(&e, quote(variable), "NAME=value")
		}
	}
}

// maxGroups is NGROUPS_MAX. credentials(7)
const maxGroups = 65536

func (c *checker) user(process *path, v *oci.User) {
	p := process.field("user")
	uid, gid, umask, gids := p.field("uid"), p.field("gid"), p.field("umask"), p.field("additionalGids")
	c.id(&uid, v.UID)
	c.id(&gid, v.GID)
	if v.Umask != nil && *v.Umask > 0o777 {
		between(c, &umask, *v.Umask, 0, 0o777)
	}
	if n := len(v.AdditionalGids); n > maxGroups {
		c.bad(&gids, decimal(n)+" groups", "at most "+decimal(maxGroups))
		return
	}
	for i, id := range v.AdditionalGids {
		e := gids.at(i)
		c.id(&e, id)
	}
}

// console: the kernel keeps a terminal's size in 16 bits each.
func (c *checker) console(process *path, v *oci.Process) {
	if !v.Terminal || v.ConsoleSize == nil {
		return
	}
	p := process.field("consoleSize")
	height, width := p.field("height"), p.field("width")
	between(c, &height, v.ConsoleSize.Height, 0, math.MaxUint16)
	between(c, &width, v.ConsoleSize.Width, 0, math.MaxUint16)
}

// getrlimit(2)
var rlimitTypes = []string{
	"RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_LOCKS", "RLIMIT_MEMLOCK",
	"RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_RSS", "RLIMIT_RTPRIO",
	"RLIMIT_RTTIME", "RLIMIT_SIGPENDING", "RLIMIT_STACK",
}

func (c *checker) rlimits(process *path, list []oci.POSIXRlimit) {
	p := process.field("rlimits")
	for i, v := range list {
		e := p.at(i)
		kind, soft := e.field("type"), e.field("soft")
		if !oneOf(c, &kind, v.Type, rlimitTypes) {
			continue
		}
		for _, before := range list[:i] {
			if before.Type == v.Type {
				c.bad(&kind, "a second "+quote(v.Type), "one limit of each type")
				break
			}
		}
		if v.Soft > v.Hard {
			c.bad(&soft, decimal(v.Soft), "at most the hard limit, "+decimal(v.Hard))
		}
	}
}

var schedulerPolicies = []oci.LinuxSchedulerPolicy{
	oci.SchedOther, oci.SchedFIFO, oci.SchedRR, oci.SchedBatch, oci.SchedISO, oci.SchedIdle, oci.SchedDeadline,
}

var schedulerFlags = []oci.LinuxSchedulerFlag{
	oci.SchedFlagResetOnFork, oci.SchedFlagReclaim, oci.SchedFlagDLOverrun, oci.SchedFlagKeepPolicy,
	oci.SchedFlagKeepParams, oci.SchedFlagUtilClampMin, oci.SchedFlagUtilClampMax,
}

// scheduler: sched_setattr(2) answers EINVAL, without a word, to what is
// refused here, or ignores it.
func (c *checker) scheduler(process *path, v *oci.Scheduler) {
	if v == nil {
		return
	}
	p := process.field("scheduler")
	policy, nice, priority, flags := p.field("policy"), p.field("nice"), p.field("priority"), p.field("flags")
	each(c, &flags, v.Flags, schedulerFlags)
	between(c, &nice, v.Nice, -20, 19)
	if !oneOf(c, &policy, v.Policy, schedulerPolicies) {
		return
	}
	if v.Policy == oci.SchedFIFO || v.Policy == oci.SchedRR {
		between(c, &priority, v.Priority, 1, 99)
	} else if v.Priority != 0 {
		c.bad(&priority, decimal(v.Priority), "0 with policy "+string(v.Policy))
	}
	c.deadline(&p, v)
}

func (c *checker) deadline(scheduler *path, v *oci.Scheduler) {
	runtime, deadline, period := scheduler.field("runtime"), scheduler.field("deadline"), scheduler.field("period")
	if v.Policy != oci.SchedDeadline {
		c.zero(&runtime, v.Runtime, v.Policy)
		c.zero(&deadline, v.Deadline, v.Policy)
		c.zero(&period, v.Period, v.Policy)
		return
	}
	if v.Runtime == 0 || v.Runtime > v.Deadline {
		c.bad(&runtime, decimal(v.Runtime), "1 to the deadline, "+decimal(v.Deadline))
	}
	if v.Period != 0 && v.Deadline > v.Period {
		c.bad(&deadline, decimal(v.Deadline), "at most the period, "+decimal(v.Period))
	}
}

func (c *checker) zero(p *path, n uint64, policy oci.LinuxSchedulerPolicy) {
	if n != 0 {
		c.bad(p, decimal(n), "0 with policy "+string(policy))
	}
}

var ioClasses = []oci.IOPriorityClass{oci.IOPRIO_CLASS_RT, oci.IOPRIO_CLASS_BE, oci.IOPRIO_CLASS_IDLE}

func (c *checker) ioPriority(process *path, v *oci.LinuxIOPriority) {
	if v == nil {
		return
	}
	p := process.field("ioPriority")
	class, priority := p.field("class"), p.field("priority")
	oneOf(c, &class, v.Class, ioClasses)
	between(c, &priority, v.Priority, 0, 7)
}

func (c *checker) affinity(process *path, v *oci.CPUAffinity) {
	if v == nil {
		return
	}
	p := process.field("execCPUAffinity")
	initial, final := p.field("initial"), p.field("final")
	c.ranges(&initial, v.Initial)
	c.ranges(&final, v.Final)
}
