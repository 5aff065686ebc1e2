package plan

import (
	"encoding/binary"
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// scheduling sets what the process inherits through execve and needs
// privileges for: scheduler, I/O priority, personality, memory policy.
func (c *compiler) scheduling() {
	p := c.in.Spec.Process
	if p == nil {
		return
	}
	if s := p.Scheduler; s != nil {
		c.scheduler(s)
	}
	if io := p.IOPriority; io != nil {
		c.step("process.ioPriority", "set the I/O priority to "+string(io.Class)+" "+strconv.Itoa(io.Priority))
		class := number(ioClasses[:], string(io.Class))
		c.call(program.IoprioSet, program.Named(linux.IOPRIO_WHO_PROCESS, "IOPRIO_WHO_PROCESS"), program.N(0),
			program.Named(class<<13|uint64(io.Priority), "{"+string(io.Class)+", "+strconv.Itoa(io.Priority)+"}"))
	}
	if l := c.in.Spec.Linux; l != nil && l.Personality != nil {
		c.step("linux.personality", "set the execution domain to "+string(l.Personality.Domain))
		domain := uint64(0)
		if l.Personality.Domain == oci.PerLinux32 {
			domain = 8 // PER_LINUX32; personality(2)
		}
		c.call(program.Personality, program.N(domain))
	}
	c.memoryPolicy()
}

// ioprio_set(2)
var ioClasses = [...]named{{"IOPRIO_CLASS_RT", 1}, {"IOPRIO_CLASS_BE", 2}, {"IOPRIO_CLASS_IDLE", 3}}

// sched(7), sched_setattr(2)
var (
	schedulers = [...]named{
		{"SCHED_OTHER", 0}, {"SCHED_FIFO", 1}, {"SCHED_RR", 2}, {"SCHED_BATCH", 3}, {"SCHED_ISO", 4},
		{"SCHED_IDLE", 5}, {"SCHED_DEADLINE", 6},
	}
	schedulerFlags = [...]named{
		{"SCHED_FLAG_RESET_ON_FORK", 0x01}, {"SCHED_FLAG_RECLAIM", 0x02}, {"SCHED_FLAG_DL_OVERRUN", 0x04},
		{"SCHED_FLAG_KEEP_POLICY", 0x08}, {"SCHED_FLAG_KEEP_PARAMS", 0x10}, {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
		{"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40},
	}
)

func (c *compiler) scheduler(s *oci.Scheduler) {
	c.step("process.scheduler", "set the scheduler to "+string(s.Policy))
	var flags uint64
	for _, f := range s.Flags {
		flags |= number(schedulerFlags[:], string(f))
	}
	attr := make([]byte, 0, 56) // struct sched_attr
	e := binary.NativeEndian
	attr = e.AppendUint32(attr, 56)
	attr = e.AppendUint32(attr, uint32(number(schedulers[:], string(s.Policy))))
	attr = e.AppendUint64(attr, flags)
	attr = e.AppendUint32(attr, uint32(s.Nice))
	attr = e.AppendUint32(attr, uint32(s.Priority))
	attr = e.AppendUint64(attr, s.Runtime)
	attr = e.AppendUint64(attr, s.Deadline)
	attr = e.AppendUint64(attr, s.Period)
	attr = append(attr, make([]byte, 8)...) // util_min, util_max
	c.call(program.SchedSetattr, program.N(0), c.b.Bytes(attr, describeScheduler(s)), program.N(0))
}

func describeScheduler(s *oci.Scheduler) string {
	text := "{policy=" + string(s.Policy)
	for i, f := range s.Flags {
		text += [...]string{", flags=", "|"}[min(i, 1)] + string(f)
	}
	text += ", nice=" + strconv.Itoa(int(s.Nice)) + ", priority=" + strconv.Itoa(int(s.Priority))
	if s.Policy == oci.SchedDeadline {
		for _, t := range []struct {
			name string
			ns   uint64
		}{{"runtime", s.Runtime}, {"deadline", s.Deadline}, {"period", s.Period}} {
			text += ", " + t.name + "=" + strconv.FormatUint(t.ns, 10)
		}
	}
	return text + "}"
}
