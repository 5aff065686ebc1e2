package plan

import (
	"strings"
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
	null, empty := c.b.NewSlot("null"), c.b.NewSlot("emptydir")
	c.step("linux.maskedPaths", "prepare an empty directory and a null device to cover paths with")
	c.openNull(null)
	c.emptyDirectory(empty)
	undo := c.makeCopyable(empty)
	readonly := c.attrWords(mountAttr{set: linux.MOUNT_ATTR_RDONLY})
	done := make(seen, len(l.MaskedPaths))
	for i, p := range l.MaskedPaths {
		if done.again(p) {
			continue
		}
		c.step(index("linux.maskedPaths", i), "mask "+p)
		c.mask(p, null, empty, readonly)
	}
	c.step("linux.maskedPaths", "forget the empty directory and the null device")
	undo()
	c.close(null)
	c.close(empty)
}

// seen are the paths of a list so far. A mount on a mount on a mount costs the
// kernel more each time, and changes nothing.
type seen map[string]bool

func (s seen) again(unsafePath string) bool {
	p := below(unsafePath)
	before := s[p]
	s[p] = true
	return before
}

// mask covers a path with as few ops as there can be: an image's config may
// have hundreds of them. The null device is the host's own: read-only, it still
// swallows what is written, but chmod(2), chown(2) and utimensat(2) by the
// container's root do not reach the host's /dev/null.
func (c *compiler) mask(p string, null, empty program.Slot, readonly program.Arg) {
	file, attach, gone := c.b.NewLabel(), c.b.NewLabel(), c.b.NewLabel()
	dir := c.inRoot(c.root, below(p), linux.O_PATH|linux.O_DIRECTORY, 0, c.target)
	dir.On = [2]program.Branch{{Errno: syscall.ENOENT, To: gone}, {Errno: syscall.ENOTDIR, To: file}}
	c.b.Add(dir)
	tree := c.copyOf(empty)
	tree.Next = attach
	c.b.Add(tree)
	c.b.Mark(file)
	open := c.inRoot(c.root, below(p), linux.O_PATH, 0, c.target)
	open.On = [2]program.Branch{{Errno: syscall.ENOENT, To: gone}, {Errno: syscall.ENOTDIR, To: gone}}
	c.b.Add(open)
	c.b.Add(c.copyOf(null))
	c.call(program.MountSetattr, c.tree.Load(), c.b.Text(""), program.N(linux.AT_EMPTY_PATH), readonly, program.N(32))
	c.b.Mark(attach)
	c.attach()
	c.b.Mark(gone)
}

// copyOf leaves a detached copy of the mount that fd stands for in c.tree.
func (c *compiler) copyOf(fd program.Slot) program.Op {
	o := op(program.OpenTree, fd.Load(), c.b.Text(""), program.N(linux.OPEN_TREE_CLONE|linux.OPEN_TREE_CLOEXEC|linux.AT_EMPTY_PATH))
	o.Store = c.tree
	return o
}

// makeCopyable: before Linux 6.15 what is attached nowhere cannot be copied,
// which gives EINVAL. There it lies on the host's /proc meanwhile, as this
// mount namespace sees that.
func (c *compiler) makeCopyable(dir program.Slot) (undo func()) {
	attached := c.b.NewSlot("attached")
	c.keep(program.N(0), attached)
	park, done := c.b.NewLabel(), c.b.NewLabel()
	o := c.copyOf(dir)
	o.On[0] = program.Branch{Errno: syscall.EINVAL, To: park}
	c.b.Add(o)
	closeCopy := op(program.Close, c.tree.Load())
	closeCopy.Next = done
	c.b.Add(closeCopy)
	c.b.Mark(park)
	private := op(program.Mount, program.N(0), c.b.Text("/proc"), program.N(0), program.N(linux.MS_PRIVATE), program.N(0))
	private.On[0].Errno = syscall.EINVAL // no mountpoint; its parent is private
	c.b.Add(private)
	c.call(program.MoveMount, dir.Load(), c.b.Text(""), cwd, c.b.Text("/proc"), program.N(linux.MOVE_MOUNT_F_EMPTY))
	c.keep(program.N(1), attached)
	c.b.Mark(done)
	return func() {
		end := c.b.NewLabel()
		check := op(program.Set, attached.Load())
		check.Want = program.Exactly(1).Or(end)
		c.b.Add(check)
		c.call(program.Umount2, c.b.Text("/proc"), program.N(linux.MNT_DETACH))
		c.b.Mark(end)
	}
}

// openNull opens a null device that cannot be the image's: the host's, before
// the root is entered, verified to be 1:3 (CVE-2025-31133). It lies in the
// init's own copy of the host's mounts: a tree that keg detached outside could
// be attached once, but not be copied for every path.
func (c *compiler) openNull(null program.Slot) {
	c.b.Add(c.openat(cwd, "/dev/null", linux.O_PATH|linux.O_NOFOLLOW, null))
	c.verifyNode(null.Load(), c.b.Text(""), program.N(linux.AT_EMPTY_PATH), &defaultDevices[0], 0)
}

// emptyDirectory makes a detached, read-only tmpfs.
func (c *compiler) emptyDirectory(dir program.Slot) {
	options := [][2]string{{"mode", "0755"}, {"nr_inodes", "1"}}
	if key, value, ok := strings.Cut(unquoted(c.labelOption()), "="); ok {
		options = append(options, [2]string{key, value})
	}
	c.tmpfs(dir, linux.MOUNT_ATTR_RDONLY|linux.MOUNT_ATTR_NOSUID|linux.MOUNT_ATTR_NODEV|linux.MOUNT_ATTR_NOEXEC, options...)
}

// readonlyPaths puts a read-only copy of each path's mount on the path.
// runtime-spec config-linux.md#readonly-paths
func (c *compiler) readonlyPaths() {
	l := c.in.Spec.Linux
	if l == nil || !c.ns.isNew(linux.CLONE_NEWNS) {
		return
	}
	if len(l.ReadonlyPaths) == 0 {
		return
	}
	attr := c.attrWords(mountAttr{set: linux.MOUNT_ATTR_RDONLY})
	done := make(seen, len(l.ReadonlyPaths))
	for i, p := range l.ReadonlyPaths {
		if done.again(p) {
			continue
		}
		c.step(index("linux.readonlyPaths", i), "make "+p+" read-only")
		gone := c.b.NewLabel()
		open := c.inRoot(c.root, below(p), linux.O_PATH, 0, c.target)
		open.On = [2]program.Branch{{Errno: syscall.ENOENT, To: gone}, {Errno: syscall.ENOTDIR, To: gone}}
		c.b.Add(open)
		tree := op(program.OpenTree, c.target.Load(), c.b.Text(""),
			program.N(linux.OPEN_TREE_CLONE|linux.OPEN_TREE_CLOEXEC|linux.AT_EMPTY_PATH|linux.AT_RECURSIVE))
		tree.Store = c.tree
		c.b.Add(tree)
		c.call(program.MountSetattr, c.tree.Load(), c.b.Text(""), program.N(linux.AT_EMPTY_PATH), attr, program.N(32))
		c.attach()
		c.b.Mark(gone)
	}
}
