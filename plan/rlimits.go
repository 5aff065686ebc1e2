package plan

import (
	"strconv"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

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
