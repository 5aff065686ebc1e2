package plan

import (
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// raceRetries is how often openat2 is tried again when a rename or a mount
// somewhere on the machine raced with a "..". openat2(2), EAGAIN
const raceRetries = 1 << 10

var cwd = program.N(linux.AT_FDCWD)

// openat opens what no container has a say in: by the host's path, or what has
// just been made.
func (c *compiler) openat(dir program.Arg, path string, flags uint64, into program.Slot) program.Op {
	o := op(program.Openat, dir, c.b.Text(path), program.N(flags|linux.O_CLOEXEC))
	o.Store = into
	return o
}

// openat2 opens path below dir, as resolve says.
func (c *compiler) openat2(dir program.Arg, path string, flags, resolve uint64, into program.Slot) program.Op {
	o := op(program.Openat2, dir, c.b.Text(path), c.how(flags|linux.O_CLOEXEC, resolve), program.N(24))
	o.Store, o.Retry = into, raceRetries
	return o
}

// inRoot opens path below dir, never leaving it, whatever symbolic links say.
func (c *compiler) inRoot(dir program.Slot, path string, flags, resolve uint64, into program.Slot) program.Op {
	return c.openat2(dir.Load(), path, flags, resolve|linux.RESOLVE_IN_ROOT|linux.RESOLVE_NO_MAGIC, into)
}

// how is the struct open_how of openat2(2).
func (c *compiler) how(flags, resolve uint64) program.Arg {
	key := [2]uint64{flags, resolve}
	a, ok := c.hows[key]
	if !ok {
		name := "{flags=" + program.OpenFlags.Decode(flags) + ", resolve=" + program.ResolveFlags.Decode(resolve) + "}"
		a = c.b.Words(name, flags, 0, resolve)
		c.hows[key] = a
	}
	return a
}

func (c *compiler) close(s program.Slot) { c.call(program.Close, s.Load()) }
