package plan

import (
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// AnnotationInit asks for an init: the container's first process stays the
// interpreter. The program is its child, and everything without a parent
// becomes one. The kernel ignores most signals to the first process of a pid
// namespace that has no handler for them; to its child they are what they are
// anywhere, Ctrl-C included. The only value is "true".
const AnnotationInit = "org.keg.init"

func (c *compiler) hasInit() bool {
	return c.join == nil && c.in.Spec.Annotations[AnnotationInit] == "true"
}

// forkProgram clones the program's process, which goes on; the init waits
// until that has executed the program, or failed to. Whatever it reports is
// then in keg's hands before the init says a word.
func (c *compiler) forkProgram() (child, pidfd program.Slot, parent program.Label) {
	if !c.ns.isNew(linux.CLONE_NEWPID) {
		c.fail("annotations."+AnnotationInit, "an init reaps what is left of a pid namespace, and this container has none of its own")
	}
	child, parent = c.b.NewSlot("child"), c.b.NewLabel()
	pidfd = c.b.SlotAt(c.b.Zero(8, "pidfd"), 0, "pidfd") // the kernel writes its lower half
	runs := c.b.NewLabel()
	c.step("annotations."+AnnotationInit, "clone the program's process, and stay as its init")
	if c.in.Attached {
		// After the last change of credentials, which would reset it.
		c.call(program.Prctl, program.N(linux.PR_SET_PDEATHSIG), program.N(int(syscall.SIGKILL)), program.N(0), program.N(0), program.N(0))
	}
	clone := op(program.Clone, program.N(linux.CLONE_VFORK|linux.CLONE_PIDFD|linux.SIGCHLD), program.N(0), pidfd.Addr())
	clone.Store, clone.Next = child, runs
	clone.Want = program.Exactly(0).Or(parent)
	c.b.Add(clone)
	c.b.Mark(runs)
	c.call(program.Setsid) // as if it were the first process
	if c.terminal() {
		c.controlTerminal()
	}
	return child, pidfd, parent
}

// beInit is what the first process does when its child runs the program: it
// gives keg the child's pidfd, for signals, lets go of everything, reaps, and
// ends as the child has ended.
func (c *compiler) beInit(child, pidfd program.Slot, parent program.Label) {
	c.step("annotations."+AnnotationInit, "as the init: reap processes until the program ends, and end with its status")
	c.b.Mark(parent)
	if !c.in.Wait { // with start, keg has gone by now
		c.request(MsgChild, pidfd)
	}
	c.call(program.Chdir, c.b.Text("/"))
	c.call(program.CloseRange, program.N(0), program.N(^uint32(0)), program.N(0))
	status := c.b.Zero(16, "status")
	c.reap(child, status)
	c.exitAs(status)
}

// reap waits for one process after the other, until the one was the child.
func (c *compiler) reap(child program.Slot, status program.Arg) {
	loop, done := c.b.NewLabel(), c.b.NewLabel()
	c.b.Mark(loop)
	c.call(program.Wait4, program.N(-1), status, program.N(0), program.N(0))
	// ECHILD: it was the child. 0: it was another. Otherwise the child has
	// ended since, and this is its status.
	poll := op(program.Wait4, child.Load(), status, program.N(syscall.WNOHANG), program.N(0))
	poll.On[0] = program.Branch{Errno: syscall.ECHILD, To: done}
	poll.Next = loop
	poll.Want = program.Exactly(0).Or(done)
	c.b.Add(poll)
	c.b.Mark(done)
}

// exitAs ends with the exit status, or 128+n for signal n. wait(2): the low
// seven bits are the signal, 0x80 a core dump, the next byte the exit status.
func (c *compiler) exitAs(status program.Arg) {
	whole := c.b.SlotAt(status, 0, "status")
	signaled, dumped, sum := c.b.NewLabel(), c.b.NewLabel(), c.b.NewSlot("128+signal")
	exited := op(program.Set, whole.Load())
	exited.Want = program.Want{Mask: 0x7f, Value: 0, Else: signaled, Name: "0 in its low 7 bits"}
	c.b.Add(exited)
	c.call(program.Exit, c.b.SlotAt(status, 1, "status>>8").Load()) // the kernel takes the low byte
	c.b.Mark(signaled)
	core := op(program.Set, whole.Load())
	core.Want = program.Want{Mask: 0x80, Value: 0, Else: dumped, Name: "0 in bit 7"}
	c.b.Add(core)
	add := op(program.Add, whole.Load(), program.N(128))
	add.Store = sum
	c.b.Add(add)
	c.call(program.Exit, sum.Load())
	c.b.Mark(dumped)
	c.call(program.Exit, whole.Load())
}
