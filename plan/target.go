package plan

import (
	"path"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// target says how a path inside the root is opened as a mount's destination.
type target struct {
	noLinks  bool          // refuse symbolic links on the way
	file     bool          // a missing last part is made as a file
	like     *program.Slot // … as a file unless this tree is a directory
	existing func()        // ops for a destination that was there already
}

// openTarget leaves an O_PATH descriptor of a path inside the root in
// c.target. What is missing on the way is made by descriptor: a symbolic link
// that someone swaps in leads nowhere but inside the root (CVE-2021-30465).
func (c *compiler) openTarget(dest string, t target) {
	p, resolve := below(dest), uint64(0)
	if t.noLinks {
		resolve = linux.RESOLVE_NO_LINKS
	}
	missing, have := c.b.NewLabel(), c.b.NewLabel()
	open := c.inRoot(c.root, p, linux.O_PATH, resolve, c.target)
	open.On[0] = program.Branch{Errno: syscall.ENOENT, To: missing}
	if t.existing == nil {
		open.Next = have
		c.b.Add(open)
	} else {
		c.b.Add(open)
		t.existing()
		c.jump(have)
	}
	c.b.Mark(missing)
	c.makePath(p, resolve, t)
	again := c.inRoot(c.root, p, linux.O_PATH, resolve, c.target)
	c.b.Add(again)
	c.b.Mark(have)
}

// makePath makes the missing parts of p, each below the descriptor of the one
// before.
func (c *compiler) makePath(p string, resolve uint64, t target) {
	dir, last := path.Split(p)
	parent := c.root
	if dir = strings.TrimSuffix(dir, "/"); dir != "" {
		c.makeParents(dir, resolve)
		parent = c.parent
	}
	switch {
	case t.like != nil:
		c.makeLike(parent, last, *t.like)
	case t.file:
		c.makeFile(parent, last)
	default:
		c.makeDir(parent, last)
	}
	if parent == c.parent {
		c.close(c.parent)
	}
}

func (c *compiler) makeParents(dir string, resolve uint64) {
	parts := strings.Split(dir, "/")
	for i, part := range parts {
		c.makeDir(c.parentOf(i), part)
		c.b.Add(c.inRoot(c.root, strings.Join(parts[:i+1], "/"), linux.O_PATH|linux.O_DIRECTORY, resolve, c.probe))
		if i > 0 {
			c.close(c.parent)
		}
		move := op(program.Set, c.probe.Load())
		move.Store = c.parent
		c.b.Add(move)
	}
}

func (c *compiler) parentOf(i int) program.Slot {
	if i == 0 {
		return c.root
	}
	return c.parent
}

func (c *compiler) makeDir(parent program.Slot, name string) {
	o := op(program.Mkdirat, parent.Load(), c.b.Text(name), program.N(0o755))
	o.On[0].Errno = syscall.EEXIST
	c.b.Add(o)
}

func (c *compiler) makeFile(parent program.Slot, name string) {
	o := op(program.Mknodat, parent.Load(), c.b.Text(name), program.N(linux.S_IFREG|0o644), program.N(0))
	o.On[0].Errno = syscall.EEXIST
	c.b.Add(o)
}

// makeLike makes a directory for a tree that is one, even if keg's user may not
// enter it, else a file.
func (c *compiler) makeLike(parent program.Slot, name string, tree program.Slot) {
	file, closed, done := c.b.NewLabel(), c.b.NewLabel(), c.b.NewLabel()
	o := c.openat(tree.Load(), ".", linux.O_PATH, c.probe)
	o.On = [2]program.Branch{{Errno: syscall.ENOTDIR, To: file}, {Errno: syscall.EACCES, To: closed}}
	c.b.Add(o)
	c.close(c.probe)
	c.b.Mark(closed)
	dir := op(program.Mkdirat, parent.Load(), c.b.Text(name), program.N(0o755))
	dir.On[0], dir.Next = program.Branch{Errno: syscall.EEXIST, To: done}, done
	c.b.Add(dir)
	c.b.Mark(file)
	c.makeFile(parent, name)
	c.b.Mark(done)
}
