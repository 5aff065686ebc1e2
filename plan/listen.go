package plan

import "github.com/keg-project/keg/linux"

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
		c.report(MsgMyPid)
		c.readExactly(c.sync(), c.pid.Plus(len("LISTEN_PID=")), PidSize)
	}
}

// isFirst reports whether the program is process 1 of a pid namespace.
func (c *compiler) isFirst() bool {
	return c.join == nil && c.ns.isNew(linux.CLONE_NEWPID) && !c.hasInit()
}
