package plan

import (
	"strconv"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// streamKinds are what a stream may be to be given to the user: pipes, sockets
// and, of output, files. Never a device: /dev/null is everyone's, and a terminal
// would be its new owner's to read long after the container has ended. Nor a file
// that is only read: `keg run </etc/shadow` must not give that away.
var streamKinds = [3][]uint64{
	{linux.S_IFIFO, linux.S_IFSOCK},
	{linux.S_IFIFO, linux.S_IFSOCK, linux.S_IFREG},
	{linux.S_IFIFO, linux.S_IFSOCK, linux.S_IFREG},
}

// ownStreams gives standard input, output and error to the user, who can then
// open /dev/stdout: a program that logs there is common, and so is keg's caller
// being root. Where that is not possible (an owner without a place in the user
// namespace, a read-only file system, a quota), they stay as they are.
func (c *compiler) ownStreams() {
	p := c.in.Spec.Process
	if p == nil || p.Terminal {
		return
	}
	c.step("process.user", "give pipes, sockets and files among the standard streams to user "+strconv.FormatUint(uint64(p.User.UID), 10))
	buf := c.b.Zero(statSize, "stat")
	empty := c.b.Text("")
	for fd, kinds := range streamKinds {
		if c.isHook() {
			kinds = streamKinds[0] // the file that its output is appended to is the host's
		}
		next, own := c.b.NewLabel(), c.b.NewLabel()
		stat := op(program.Statx, program.N(fd), empty, program.N(linux.AT_EMPTY_PATH), program.N(linux.STATX_BASIC), buf)
		stat.On[1] = program.Otherwise(next) // closed
		c.b.Add(stat)
		owned := op(program.Set, c.b.SlotAt(buf, statUID, "stat.uid").Load())
		different := c.b.NewLabel()
		owned.Want, owned.Next = program.Want{Mask: 1<<32 - 1, Value: uint64(p.User.UID), Else: different}, next
		c.b.Add(owned)
		c.b.Mark(different)
		c.whichKind(c.b.SlotAt(buf, statMode, "stat.mode"), kinds, own, next)
		c.b.Mark(own)
		chown := op(program.Fchownat, program.N(fd), empty, program.N(p.User.UID), program.N(-1), program.N(linux.AT_EMPTY_PATH))
		chown.On[1] = program.Otherwise(next)
		c.b.Add(chown)
		c.b.Mark(next)
	}
}

// whichKind goes on at yes if the file's type is one of the kinds, else at no.
func (c *compiler) whichKind(mode program.Slot, kinds []uint64, yes, no program.Label) {
	for i, kind := range kinds {
		other := c.b.NewLabel()
		is := op(program.Set, mode.Load())
		is.Want, is.Next = program.Want{Mask: linux.S_IFMT, Value: kind, Name: program.FileMode.Decode(kind), Else: other}, yes
		if i+1 == len(kinds) {
			is.Want.Else = no
		}
		c.b.Add(is)
		c.b.Mark(other)
	}
}
