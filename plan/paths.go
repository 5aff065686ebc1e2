package plan

import (
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// maskedPaths covers directories with one shared, empty, read-only tmpfs and
// files with the null device. Paths that do not exist need no mask.
// runtime-spec config-linux.md#masked-paths
func (c *compiler) maskedPaths() {
	l := c.in.Spec.Linux
	if l == nil || len(l.MaskedPaths) == 0 || !c.ns.isNew(linux.CLONE_NEWNS) {
		return
	}
	null, empty, spare := c.b.NewSlot("null"), c.b.NewSlot("emptydir"), c.b.NewSlot("spare")
	c.step("linux.maskedPaths", "prepare an empty directory and a null device to cover paths with")
	c.openNull(null)
	c.emptyDirectory(empty)
	c.keepSlot(empty, spare)
	for i, p := range l.MaskedPaths {
		c.step(index("linux.maskedPaths", i), "mask "+p)
		c.mask(p, null, empty, spare)
	}
	c.close(null)
	c.close(empty)
}

func (c *compiler) mask(p string, null, empty, spare program.Slot) {
	file, gone := c.b.NewLabel(), c.b.NewLabel()
	dir := c.inRoot(c.root, below(p), linux.O_PATH|linux.O_DIRECTORY, 0, c.target)
	dir.On = [2]program.Branch{{Errno: syscall.ENOENT, To: gone}, {Errno: syscall.ENOTDIR, To: file}}
	c.b.Add(dir)
	c.coverDirectory(empty, spare, gone)
	c.b.Mark(file)
	open := c.inRoot(c.root, below(p), linux.O_PATH, 0, c.target)
	open.On = [2]program.Branch{{Errno: syscall.ENOENT, To: gone}, {Errno: syscall.ENOTDIR, To: gone}}
	c.b.Add(open)
	c.cover(null)
	c.b.Mark(gone)
}

// noFD is a descriptor that no process has: an op on it fails with EBADF.
const noFD = 1 << 30

// coverDirectory attaches the empty directory itself on the first target and
// copies of it on the others: before Linux 6.15 what is attached nowhere
// cannot be copied.
func (c *compiler) coverDirectory(empty, spare program.Slot, done program.Label) {
	again, text := c.b.NewLabel(), c.b.Text("")
	o := op(program.MoveMount, spare.Load(), text, c.target.Load(), text, program.N(linux.MOVE_MOUNT_F_EMPTY|linux.MOVE_MOUNT_T_EMPTY))
	o.On[0] = program.Branch{Errno: syscall.EBADF, To: again}
	c.b.Add(o)
	c.keep(program.N(noFD), spare)
	c.close(c.target)
	c.jump(done)
	c.b.Mark(again)
	c.cover(empty)
	c.jump(done)
}

func (c *compiler) jump(to program.Label) {
	o := op(program.Set, program.N(0))
	o.Next = to
	c.b.Add(o)
}

// cover attaches a copy of what fd stands for on the target.
func (c *compiler) cover(fd program.Slot) {
	c.b.Add(c.copyOf(fd))
	c.attach()
}

// copyOf leaves a detached copy of the mount that fd stands for in c.tree.
func (c *compiler) copyOf(fd program.Slot) program.Op {
	o := op(program.OpenTree, fd.Load(), c.b.Text(""), program.N(linux.OPEN_TREE_CLONE|linux.OPEN_TREE_CLOEXEC|linux.AT_EMPTY_PATH))
	o.Store = c.tree
	return o
}

// openNull opens a null device that cannot be the image's: the host's, before
// the root is entered, verified to be 1:3 (CVE-2025-31133). It lies in the
// init's own copy of the host's mounts: a tree that keg detached outside could
// be attached once, but not be copied for every path.
func (c *compiler) openNull(null program.Slot) {
	o := op(program.Openat, program.N(linux.AT_FDCWD), c.b.Text("/dev/null"), program.N(linux.O_PATH|linux.O_CLOEXEC|linux.O_NOFOLLOW))
	o.Store = null
	c.b.Add(o)
	c.verifyNode(null.Load(), c.b.Text(""), program.N(linux.AT_EMPTY_PATH), &defaultDevices[0])
}

// emptyDirectory makes a detached, read-only tmpfs.
func (c *compiler) emptyDirectory(dir program.Slot) {
	fs := op(program.Fsopen, c.b.Text("tmpfs"), program.N(linux.FSOPEN_CLOEXEC))
	fs.Store = c.probe
	c.b.Add(fs)
	set := func(key, value string) {
		c.call(program.Fsconfig, c.probe.Load(), program.N(linux.FSCONFIG_SET_STRING), c.b.Text(key), c.b.Text(value), program.N(0))
	}
	set("mode", "0755")
	set("nr_inodes", "1")
	c.call(program.Fsconfig, c.probe.Load(), program.N(linux.FSCONFIG_CREATE), program.N(0), program.N(0), program.N(0))
	mnt := op(program.Fsmount, c.probe.Load(), program.N(linux.FSMOUNT_CLOEXEC),
		program.N(linux.MOUNT_ATTR_RDONLY|linux.MOUNT_ATTR_NOSUID|linux.MOUNT_ATTR_NODEV|linux.MOUNT_ATTR_NOEXEC))
	mnt.Store = dir
	c.b.Add(mnt)
	c.close(c.probe)
}

// readonlyPaths puts a read-only copy of each path's mount on the path.
// runtime-spec config-linux.md#readonly-paths
func (c *compiler) readonlyPaths() {
	l := c.in.Spec.Linux
	if l == nil || !c.ns.isNew(linux.CLONE_NEWNS) {
		return
	}
	for i, p := range l.ReadonlyPaths {
		c.step(index("linux.readonlyPaths", i), "make "+p+" read-only")
		gone := c.b.NewLabel()
		open := c.inRoot(c.root, below(p), linux.O_PATH, 0, c.target)
		open.On = [2]program.Branch{{Errno: syscall.ENOENT, To: gone}, {Errno: syscall.ENOTDIR, To: gone}}
		c.b.Add(open)
		tree := op(program.OpenTree, c.target.Load(), c.b.Text(""),
			program.N(linux.OPEN_TREE_CLONE|linux.OPEN_TREE_CLOEXEC|linux.AT_EMPTY_PATH|linux.AT_RECURSIVE))
		tree.Store = c.tree
		c.b.Add(tree)
		c.setAttr(c.tree.Load(), mountAttr{set: linux.MOUNT_ATTR_RDONLY}, false)
		c.attach()
		c.b.Mark(gone)
	}
}
