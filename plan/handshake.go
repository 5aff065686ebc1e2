package plan

import (
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// Messages of the handshake, a byte each, over a socket that keeps their
// borders. A read that returns 0 means that the peer has died.
const (
	MsgUnshared = 'U' // init: the user namespace is there, write its mappings
	MsgPid      = 'P' // stage: followed by the init's pid, eight bytes
	MsgEntered  = 'E' // init: its network namespace is there, move the devices into it
	MsgHooks    = 'H' // init: everything is mounted, run the hooks
	MsgReady    = 'R' // init: everything is done but the program itself
	MsgGo       = 'G' // keg: the mappings are written; the host's steps, or the hooks, are done
	MsgHome     = 'h' // init, with a descriptor of /etc/passwd: whose home is it?
	MsgCopyUp   = 'c' // init, with two directories: copy the one into the other
	MsgMyPid    = 'p' // init: which pid have I got in my pid namespace?
	MsgConsole  = 't' // init, with the master of its terminal
	MsgListener = 's' // a helper of the init, with a seccomp filter's listener: pass it on
	MsgChild    = 'k' // init, with a pidfd: the program runs, in a child of mine
)

// HomeSize is the size of the answer to MsgHome, and HeadSize that of the
// program's first bytes that follow a failed execve.
const (
	HomeSize = 512
	HeadSize = 1024
)

// await reads one byte from keg. 0 bytes mean that keg has died: the program
// must not start then.
func (c *compiler) await(what string) { c.readExactly(c.sync(), c.b.Zero(8, what), 1) }

// readExactly reads what keg has to say, all of it.
func (c *compiler) readExactly(from, buf program.Arg, size int) {
	o := op(program.Read, from, buf, program.N(size))
	o.Want = program.Exactly(uint64(size))
	c.b.Add(o)
}

// report sends keg a message. Where keg has died, it fails with EPIPE.
func (c *compiler) report(msg byte) {
	c.call(program.Write, c.sync(), c.b.Text(string(rune(msg))), program.N(1))
}

// write writes text to a descriptor; a short write fails.
func (c *compiler) write(fd program.Arg, text string) {
	o := op(program.Write, fd, c.b.Text(text), program.N(len(text)))
	o.Want = program.Exactly(uint64(len(text)))
	c.b.Add(o)
}

// reportEntered tells keg that the init's namespaces are its final ones: before
// that, /proc/PID/ns/net may still be the host's.
func (c *compiler) reportEntered() {
	if l := c.in.Spec.Linux; l == nil || len(l.NetDevices) == 0 {
		return
	}
	c.step("linux.netDevices", "tell keg that the network namespace is there")
	c.report(MsgEntered)
}

// waitPlaced waits until keg has done its steps (cgroups, limits, devices),
// which run side by side with the init's until here. The cgroup namespace
// follows: it is rooted where the init then is.
func (c *compiler) waitPlaced() {
	if c.placed {
		return
	}
	c.placed = true
	c.step("", "wait until keg has done the host's steps")
	c.awaits(LetGo)
	c.await("go")
	c.cgroupNamespace()
}

// request asks keg for what needs loops or content, by descriptors.
func (c *compiler) request(msg byte, fds ...program.Slot) {
	c.waitPlaced() // its byte must not be taken for the answer
	const header = 16
	control := make([]byte, header+4*len(fds)+4) // room for the eight bytes that a store writes
	length := header + 4*len(fds)
	control[0], control[8], control[12] = byte(length), 1, 1 // SOL_SOCKET, SCM_RIGHTS
	cmsg := c.b.Bytes(control, "{SCM_RIGHTS}")
	for i, fd := range fds {
		set := op(program.Set, fd.Load())
		set.Store = c.b.SlotAt(cmsg, header+4*i, "fds["+string(rune('0'+i))+"]")
		c.b.Add(set)
	}
	text := c.b.Text(string(rune(msg)))
	iov := c.b.Words("iov", text.Address(), 1)
	msghdr := c.b.Words("{\""+string(rune(msg))+"\", SCM_RIGHTS}", 0, 0, iov.Address(), 1, cmsg.Address(), uint64(length), 0)
	c.call(program.Sendmsg, c.sync(), msghdr, program.N(0))
}

// handOver tells keg that the init is ready, waits for start, and becomes the
// program.
func (c *compiler) handOver() {
	c.loadNotifying()
	ready := "the container is created"
	if c.join != nil {
		ready = "the process is ready"
	}
	c.step("", "tell keg that "+ready)
	c.report(MsgReady)
	rest := c.plan.SyncFD + 1
	if c.in.Wait {
		start := c.exchange()
		c.closeFrom(rest + 1)
		c.step("", "wait for `keg start`")
		c.awaits(StartHooks)
		c.readExactly(start, c.b.Zero(8, "start"), 1)
	} else {
		c.closeFrom(rest)
		c.waitStartHooks()
	}
	c.step("", "keep keg's descriptors from the program")
	// Marked, not closed: a failed execve is still reported.
	c.call(program.CloseRange, program.N(c.firstOwn()), program.N(^uint32(0)), program.N(linux.CLOSE_RANGE_CLOEXEC))
	if c.hasInit() {
		child, pidfd, parent := c.forkProgram()
		c.loadFilter()
		c.execProgram()
		c.beInit(child, pidfd, parent)
	} else {
		c.loadFilter()
		c.execProgram()
	}
	c.endStep(len(c.b.Ops()))
	c.checkFilter()
}
