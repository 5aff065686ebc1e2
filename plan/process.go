package plan

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

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

// named is a number that the specification gives a name.
type named struct {
	name  string
	value uint64
}

func number(table []named, name string) uint64 {
	for _, n := range table {
		if n.name == name {
			return n.value
		}
	}
	return 0
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

// raiseOOMScore is what an ordinary user may do to the OOM score adjustment:
// raise it, the process its own, while its files in /proc still belong to its
// user. Where keg is privileged, it is a step of the host. proc_pid_oom_score_adj(5)
func (c *compiler) raiseOOMScore() {
	p := c.in.Spec.Process
	if p == nil || p.OOMScoreAdj == nil || c.in.Host.Privileged {
		return
	}
	c.step("process.oomScoreAdj", "set the OOM score adjustment to "+strconv.Itoa(*p.OOMScoreAdj))
	c.b.Add(c.openat(cwd, "/proc/self/oom_score_adj", linux.O_WRONLY, c.probe))
	c.write(c.probe.Load(), strconv.Itoa(*p.OOMScoreAdj))
	c.close(c.probe)
}

// getrlimit(2), the same on amd64 and arm64
var rlimitTable = [...]named{
	{"RLIMIT_CPU", 0}, {"RLIMIT_FSIZE", 1}, {"RLIMIT_DATA", 2}, {"RLIMIT_STACK", 3}, {"RLIMIT_CORE", 4},
	{"RLIMIT_RSS", 5}, {"RLIMIT_NPROC", 6}, {"RLIMIT_NOFILE", 7}, {"RLIMIT_MEMLOCK", 8}, {"RLIMIT_AS", 9},
	{"RLIMIT_LOCKS", 10}, {"RLIMIT_SIGPENDING", 11}, {"RLIMIT_MSGQUEUE", 12}, {"RLIMIT_NICE", 13},
	{"RLIMIT_RTPRIO", 14}, {"RLIMIT_RTTIME", 15},
}

func (c *compiler) rlimits() {
	p := c.in.Spec.Process
	if p == nil {
		return
	}
	for i, r := range p.Rlimits {
		soft, hard := limitText(r.Soft), limitText(r.Hard)
		c.step(index("process.rlimits", i), "limit "+r.Type+" to "+soft+" (hard: "+hard+")")
		limit := c.b.Words("{soft="+soft+", hard="+hard+"}", r.Soft, r.Hard)
		c.call(program.Prlimit64, program.N(0), program.Named(number(rlimitTable[:], r.Type), r.Type), limit, program.N(0))
	}
}

// lookUpHome sets HOME where process.env does not: keg reads the user's entry
// of the container's passwd file, from a descriptor opened in the root.
func (c *compiler) lookUpHome() {
	p := c.in.Spec.Process
	if p == nil || homeOf(p.Env) != "" || c.join != nil && c.join.Exact {
		return
	}
	c.waitPlaced()
	c.step("process.env", "look up HOME in the container's /etc/passwd")
	none := c.b.NewLabel()
	open := c.openat2(cwd, "/etc/passwd", linux.O_RDONLY|linux.O_NONBLOCK, linux.RESOLVE_IN_ROOT|linux.RESOLVE_NO_MAGIC, c.probe)
	open.On[1] = program.Otherwise(none)
	buf := make([]byte, HomeSize+8)
	copy(buf, "HOME=/")
	c.home = c.b.Bytes(buf, "HOME")
	c.call(program.Chdir, c.b.Text("/")) // RESOLVE_IN_ROOT takes the working directory as the root
	c.onlyRegular("/etc/passwd", none)
	c.b.Add(open)
	c.request(MsgHome, c.probe)
	answer := op(program.Read, c.sync(), c.home.Plus(len("HOME=")), program.N(HomeSize))
	answer.Want = program.Exactly(HomeSize)
	c.b.Add(answer)
	c.close(c.probe)
	c.b.Mark(none)
}

// onlyRegular goes to otherwise unless the path is a regular file: opening a
// device that an image brings may do something, and a FIFO may wait.
func (c *compiler) onlyRegular(path string, otherwise program.Label) {
	look := c.openat2(cwd, path, linux.O_PATH, linux.RESOLVE_IN_ROOT|linux.RESOLVE_NO_MAGIC, c.probe)
	look.On[1] = program.Otherwise(otherwise)
	c.b.Add(look)
	buf := c.b.Zero(statSize, "stat")
	c.statx(c.probe.Load(), buf)
	c.close(c.probe)
	c.verifyType(buf, linux.S_IFREG, otherwise)
}

// homeOf is the value of HOME in the environment: of duplicates, the last.
func homeOf(env []string) string {
	home := ""
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, "HOME="); ok {
			home = value
		}
	}
	return home
}

// without is the environment less one variable.
func without(env []string, name string) []string {
	return slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
}

// environment is process.env with the last of duplicate variables only.
func environment(env []string) []string {
	last := make(map[string]int, len(env))
	for i, v := range env {
		name, _, _ := strings.Cut(v, "=")
		last[name] = i
	}
	list := make([]string, 0, len(env))
	for i, v := range env {
		if name, _, _ := strings.Cut(v, "="); last[name] == i {
			list = append(list, v)
		}
	}
	return list
}
