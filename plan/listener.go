package plan

import (
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// What the listener's helper says to the init, in a word that both see. 0: it
// was killed before it could.
const (
	listenerPassed = 1
	listenerLost   = 2
)

// loadNotifying loads a filter that has a listener, and has keg pass the
// listener on. Nobody listens before that: a call that is notified would wait
// for ever, so from the load until then the init calls nothing. A helper that
// shares its memory and its descriptors, and is not under the filter, waits for
// the listener and hands it over; the init spins until the helper has ended:
// what has no filter, and the setup's capabilities, must not be there to be
// stopped and taken over by the program.
func (c *compiler) loadNotifying() {
	if c.filter == nil || !c.filter.notifies {
		return
	}
	listener := c.b.NewSlot("listener")
	passed := c.b.SlotAt(c.b.Zero(8, "passed"), 0, "passed")
	lives := c.b.SlotAt(c.b.Words("lives", 1), 0, "lives")
	c.cloneHelper(listener, passed, lives)
	load := c.load()
	load.Store = listener
	c.b.Add(load)
	c.spin(passed, lives)
	c.underFilter()
}

// cloneHelper clones the helper and emits what it does.
func (c *compiler) cloneHelper(listener, passed, lives program.Slot) {
	c.step("linux.seccomp.listenerPath", "clone a helper that passes the filter's listener to keg")
	if !c.hasInit() { // an init reaps it
		// Nobody would; execve resets these flags. struct sigaction, sigaction(2)
		act := c.b.Words("{SIG_DFL, SA_NOCLDWAIT}", 0, linux.SA_NOCLDWAIT, 0, 0)
		c.call(program.RtSigaction, program.Named(int(syscall.SIGCHLD), "SIGCHLD"), act, program.N(0), program.N(8))
	}
	helper, init := c.b.NewLabel(), c.b.NewLabel()
	clone := op(program.Clone, program.N(linux.CLONE_VM|linux.CLONE_FILES|linux.SIGCHLD))
	clone.Next = helper
	clone.Want = program.Exactly(0).Or(init)
	c.b.Add(clone)
	c.b.Mark(helper)
	// The kernel writes 0 there when it takes the memory from the helper.
	c.call(program.SetTidAddress, lives.Addr())
	c.call(program.Prctl, program.N(linux.PR_SET_PDEATHSIG), program.N(int(syscall.SIGKILL)), program.N(0), program.N(0), program.N(0))
	c.awaitListener(listener)
	c.passListener(listener, passed)
	c.b.Mark(init)
}

// awaitListener waits until the slot holds a descriptor. It starts as -1, which
// is EPERM to an op that looks at it.
func (c *compiler) awaitListener(listener program.Slot) {
	loop, sleep, there := c.b.NewLabel(), c.b.NewLabel(), c.b.NewLabel()
	c.b.Mark(loop)
	look := op(program.Set, listener.Load())
	look.Next, look.On[0] = there, program.Branch{Errno: eperm, To: sleep}
	c.b.Add(look)
	c.b.Mark(sleep)
	const interval = 20_000 // nanoseconds
	nap := op(program.Nanosleep, c.b.Words("{20 µs}", 0, interval), program.N(0))
	nap.Next, nap.On[0] = loop, program.Branch{Errno: syscall.EINTR, To: loop}
	c.b.Add(nap)
	c.b.Mark(there)
}

// passListener gives keg the listener and tells the init how that went.
func (c *compiler) passListener(listener, passed program.Slot) {
	lost := c.b.NewLabel()
	c.request(MsgListener, listener)
	c.b.Last().On[1] = program.Otherwise(lost)
	answer := op(program.Read, c.sync(), c.b.Zero(8, "answer"), program.N(1))
	answer.Want = program.Exactly(1).Or(lost)
	answer.On[1] = program.Otherwise(lost)
	c.b.Add(answer)
	c.tell(passed, listenerPassed)
	c.call(program.Exit, program.N(0))
	c.b.Mark(lost)
	c.tell(passed, listenerLost)
	c.call(program.Exit, program.N(1))
}

func (c *compiler) tell(slot program.Slot, value int) {
	set := op(program.Set, program.N(value))
	set.Store = slot
	c.b.Add(set)
}

// spin waits without a system call until the helper has ended. If that takes a
// minute or two, somebody has stopped it. What would report that, or that keg
// did not take the listener, is under the filter already: so the init dies by
// reading address 0.
func (c *compiler) spin(passed, lives program.Slot) {
	const most = 1 << 33
	loop, done, die, end := c.b.NewLabel(), c.b.NewLabel(), c.b.NewLabel(), c.b.NewLabel()
	count := c.b.SlotAt(c.b.Zero(8, "count"), 0, "count")
	c.step("linux.seccomp.listenerPath", "spin until keg has sent the listener and the helper has ended")
	c.b.Mark(loop)
	turn := op(program.Add, count.Load(), program.N(1))
	turn.Store, turn.Want = count, program.Want{Mask: most, Value: 0, Else: die, Name: "below 1<<33"}
	c.b.Add(turn)
	look := op(program.Set, lives.Load())
	look.Next, look.Want = loop, program.Exactly(1).Or(done)
	c.b.Add(look)
	c.b.Mark(done)
	good := op(program.Set, passed.Load())
	good.Next, good.Want = end, program.Exactly(listenerPassed).Or(die)
	c.b.Add(good)
	c.b.Mark(die)
	c.call(program.Set, c.b.SlotAt(program.N(0), 0, "address 0, and die of it").Load())
	c.b.Mark(end)
}
