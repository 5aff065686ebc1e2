package plan

import (
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// Where the fields of struct statx lie. statx(2)
const (
	statSize = 256
	statUID  = 20
	statGID  = 24
	statMode = 28
	statIno  = 32
	statRdev = 128 // major and minor, side by side
)

// statx leaves in buf what the descriptor stands for.
func (c *compiler) statx(fd, buf program.Arg) {
	c.call(program.Statx, fd, c.b.Text(""), program.N(linux.AT_EMPTY_PATH), program.N(linux.STATX_BASIC), buf)
}

// verifyType fails, or goes on at otherwise, unless what buf tells of is a file
// of that kind.
func (c *compiler) verifyType(buf program.Arg, kind uint64, otherwise program.Label) {
	mode := op(program.Set, c.b.SlotAt(buf, statMode, "stat.mode").Load())
	mode.Want = program.Want{Mask: linux.S_IFMT, Value: kind, Name: program.FileMode.Decode(kind), Else: otherwise}
	c.b.Add(mode)
}

// verifyNode fails, or goes on at otherwise, unless the file is the device: its
// type and its number.
func (c *compiler) verifyNode(dir, name, flags program.Arg, d *device, otherwise program.Label) {
	buf := c.b.Zero(statSize, "stat")
	c.call(program.Statx, dir, name, flags, program.N(linux.STATX_BASIC), buf)
	c.verifyType(buf, uint64(d.kind), otherwise)
	if d.kind == linux.S_IFIFO {
		return
	}
	number := op(program.Set, c.b.SlotAt(buf, statRdev, "stat.rdev").Load())
	number.Want = program.Exactly(uint64(d.minor)<<32 | uint64(d.major))
	number.Want.Name, number.Want.Else = decimal(d.major)+":"+decimal(d.minor), otherwise
	c.b.Add(number)
}

// verifyFileSystem fails unless the descriptor lies on a file system of that
// kind. statfs(2)
func (c *compiler) verifyFileSystem(fd program.Slot, magic uint64, name string) {
	buf := c.b.Zero(128, "statfs")
	c.call(program.Fstatfs, fd.Load(), buf)
	kind := op(program.Set, c.b.SlotAt(buf, 0, "statfs.type").Load())
	kind.Want = program.Exactly(magic)
	kind.Want.Name = name
	c.b.Add(kind)
}
