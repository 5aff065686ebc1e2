package plan

import (
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// AnnotationOverlay asks for a root that is thrown away with the container: its
// root.path becomes the lower layer of an overlay whose changes lie on a tmpfs
// in the container's mount namespace. The only value is "tmpfs".
const AnnotationOverlay = "org.keg.root.overlay"

// overlayRoot puts root.path below a throw-away layer.
func (c *compiler) overlayRoot() {
	c.step("annotations."+AnnotationOverlay, "take "+c.in.Rootfs()+" below a throw-away layer as the container's root")
	c.overlay(c.openTree("root.path", c.in.Rootfs(), false, c.tree), c.root)
	c.call(program.MoveMount, c.root.Load(), c.b.Text(""), cwd, c.b.Text("/"), program.N(linux.MOVE_MOUNT_F_EMPTY))
}

// overlayMount puts a directory of the host below a throw-away layer: the
// mount option tmpupper, of type overlay, with lowerdir alone.
func (c *compiler) overlayMount(m *mount) {
	lower, _ := strings.CutPrefix(m.data[0], "lowerdir=")
	c.step(m.field, "mount "+lower+" on "+m.Destination+" below a throw-away layer")
	c.overlay(c.openTree(m.field+".options", lower, false, c.tree), c.probe)
	c.keepSlot(c.probe, c.tree)
	c.setAttrs(c.tree.Load(), m)
	c.openTarget(m.Destination, target{noLinks: underSpecial(m.Destination)})
	c.attach()
}

// overlay makes a detached overlay of the tree lower and a tmpfs. Its layers
// are named relative to the tmpfs, which is attached to the namespace's root
// for that long: names that lead nowhere else, and need no escaping. It must
// not stay there: pivot_root would leave the old root, with the whole host, in
// its place, and a container that may unmount would find lower writable.
func (c *compiler) overlay(lower program.Arg, into program.Slot) {
	mode, copyOwner := c.layerAttributes(lower)
	c.tmpfs(c.parent, 0, [2]string{"mode", "0755"})
	empty, root := c.b.Text(""), c.b.Text("/")
	c.call(program.MoveMount, c.parent.Load(), empty, cwd, root, program.N(linux.MOVE_MOUNT_F_EMPTY))
	for _, dir := range []string{"lower", "work", "merged"} {
		c.call(program.Mkdirat, c.parent.Load(), c.b.Text(dir), program.N(0o755))
	}
	c.call(program.Mkdirat, c.parent.Load(), c.b.Text("upper"), program.N(0))
	copyOwner()
	c.call(program.Fchmodat, c.parent.Load(), c.b.Text("upper"), mode) // whatever the umask
	c.call(program.MoveMount, lower, empty, c.parent.Load(), c.b.Text("lower"), program.N(linux.MOVE_MOUNT_F_EMPTY))
	c.call(program.Close, lower)
	c.call(program.Fchdir, c.parent.Load())
	data := "lowerdir=lower,upperdir=upper,workdir=work"
	if c.ns.has(linux.CLONE_NEWUSER) {
		data += ",userxattr" // trusted.* is out of reach there; overlayfs, "User xattr"
	}
	if label := c.labelOption(); label != "" {
		data += "," + label
	}
	c.call(program.Mount, c.b.Text("overlay"), c.b.Text("merged"), c.b.Text("overlay"), program.N(0), c.b.Text(data))
	o := op(program.OpenTree, c.parent.Load(), c.b.Text("merged"), program.N(linux.OPEN_TREE_CLONE|linux.OPEN_TREE_CLOEXEC))
	o.Store = into
	c.b.Add(o)
	c.close(c.parent)
	c.call(program.Umount2, root, program.N(linux.MNT_DETACH))
}

// layerAttributes gives the upper layer mode and owner of the lower one: they
// are what the overlay's top directory shows. An owner without a mapping stays
// behind (EINVAL).
func (c *compiler) layerAttributes(lower program.Arg) (mode program.Arg, copyOwner func()) {
	buf := c.b.Zero(statSize, "lower")
	c.statx(lower, buf)
	uid, gid := c.b.SlotAt(buf, statUID, "lower.uid"), c.b.SlotAt(buf, statGID, "lower.gid")
	return c.b.SlotAt(buf, statMode, "lower.mode").Load(), func() {
		o := op(program.Fchownat, c.parent.Load(), c.b.Text("upper"), uid.Load(), gid.Load(), program.N(linux.AT_NOFOLLOW))
		o.On[0].Errno = syscall.EINVAL
		c.b.Add(o)
	}
}

// tmpfs makes a detached tmpfs with options of its own.
func (c *compiler) tmpfs(into program.Slot, attrs uint64, options ...[2]string) {
	c.fsOpen("tmpfs")
	for _, o := range options {
		c.fsConfig(o[0], o[1])
	}
	c.fsMount(into, attrs)
}
