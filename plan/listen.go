package plan

import (
	"slices"
	"strconv"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// PidSize is the size of the answer to MsgMyPid.
const PidSize = 16

// listens reports whether the program gets the sockets that keg's caller has
// passed on by LISTEN_FDS. They are meant for one process, by its pid.
// sd_listen_fds(3)
func (c *compiler) listens() bool { return c.in.ListenFDs > 0 && c.in.Spec.Process != nil }

// listenPid finds out the pid that LISTEN_PID has to name.
func (c *compiler) listenPid() {
	switch {
	case !c.listens() || c.isFirst():
	case c.hasInit():
		c.warn("LISTEN_PID", "not set, since the program's pid below an init is not known before: it may not take the sockets")
	default:
		c.step("LISTEN_PID", "ask keg for the process's pid in the container")
		c.waitPlaced()
		buf := make([]byte, len("LISTEN_PID=")+PidSize+1)
		copy(buf, "LISTEN_PID=")
		c.pid = c.b.Bytes(buf, "LISTEN_PID")
		c.report(string(rune(MsgMyPid)))
		answer := op(program.Read, c.sync(), c.pid.Plus(len("LISTEN_PID=")), program.N(PidSize))
		answer.Want = program.Exactly(PidSize)
		c.b.Add(answer)
	}
}

// isFirst reports whether the program is process 1 of a pid namespace.
func (c *compiler) isFirst() bool {
	return c.join == nil && c.ns.isNew(linux.CLONE_NEWPID) && !c.hasInit()
}

// callersEnv are the variables by which keg's caller reaches the program, in
// addition to process.env.
func (c *compiler) callersEnv() []string {
	var env []string
	if c.notify != "" {
		env = append(env, "NOTIFY_SOCKET="+c.notify)
	}
	if !c.listens() {
		return env
	}
	env = append(env, "LISTEN_FDS="+strconv.Itoa(c.in.ListenFDs))
	if c.in.ListenNames != "" {
		env = append(env, "LISTEN_FDNAMES="+c.in.ListenNames)
	}
	if c.isFirst() {
		env = append(env, "LISTEN_PID=1")
	}
	return env
}

// wholeEnv is process.env with what keg's caller adds. A variable that is found
// out as the process is made is not in it.
func (c *compiler) wholeEnv() []string {
	env := environment(slices.Concat(c.in.Spec.Process.Env, c.callersEnv()))
	if c.pid.Address() != 0 {
		env = without(env, "LISTEN_PID")
	}
	if c.home.Address() != 0 {
		env = without(env, "HOME")
	}
	return env
}
