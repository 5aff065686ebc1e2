package plan

import (
	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// stage makes the container's namespaces one after another in the first
// process, which then clones the init as its own sibling and ends.
func (c *compiler) stage() {
	c.stages = true
	offsets := c.openTimeOffsets()
	if c.ns.isNew(linux.CLONE_NEWUSER) {
		c.joinAll() // with the caller's privileges: they may belong to another user namespace
		c.step(c.nsField(oci.UserNamespace), "make the user namespace")
		c.call(program.Unshare, program.N(linux.CLONE_NEWUSER))
		c.setDumpable(1) // so that keg may write the mappings; unshare(2) has reset it
		c.report(MsgUnshared)
		c.becomeRoot()
		c.beUndumpable() // the init inherits it, before anyone in its pid namespace sees it
	} else {
		c.beUndumpable()
		c.joinAll()
	}
	if c.ns.isNew(linux.CLONE_NEWTIME) {
		c.timeNamespace(offsets)
	}
	c.cloneInit()
}

// cloneInit ends the stage: the init is its sibling, so keg is its parent and
// reaps it, and it is born inside the pid and time namespaces.
func (c *compiler) cloneInit() {
	c.step("", "clone "+c.who())
	inChild := c.ns.created & linux.CLONE_NEWPID
	rest := c.ns.created &^ (linux.CLONE_NEWPID | linux.CLONE_NEWUSER | linux.CLONE_NEWTIME | linux.CLONE_NEWCGROUP)
	record := c.b.Bytes([]byte{7: MsgPid, 15: 0}, "record") // the pid on a border of eight bytes
	pid := c.b.SlotAt(record, 8, "pid")
	parent, child := c.b.NewLabel(), c.b.NewLabel()
	clone := op(program.Clone, program.N(linux.CLONE_PARENT|linux.SIGCHLD|inChild))
	clone.Store, clone.Next = pid, child
	clone.Want = program.Exactly(0).Or(parent)
	c.b.Add(clone)
	c.b.Mark(parent)
	c.call(program.Write, c.sync(), record.Plus(7), program.N(9))
	c.call(program.Exit, program.N(0))
	c.b.Mark(child)
	c.stages = false
	if rest != 0 {
		c.step("linux.namespaces", "make the other namespaces")
		c.call(program.Unshare, program.N(rest))
	}
}

// who is the process that the plan is for.
func (c *compiler) who() string {
	if c.join != nil {
		return "the process that joins the container"
	}
	return "the container's first process"
}
