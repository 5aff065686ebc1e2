package plan

import (
	"slices"
	"strings"
	"syscall"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// mount is one entry of the mounts list at work.
type mount struct {
	*oci.Mount
	mountOptions
	field string
	index int
}

func (c *compiler) mounts() {
	if !c.ns.isNew(linux.CLONE_NEWNS) || c.in.Spec.Root == nil {
		return
	}
	c.step("", "make files with exactly the modes that are asked for")
	c.call(program.Umask, program.N(0))
	for i := range c.in.Spec.Mounts {
		m := mount{Mount: &c.in.Spec.Mounts[i], field: index("mounts", i), index: i}
		m.mountOptions = parseMountOptions(m.Mount)
		if c.checkMount(&m) {
			c.labelMount(&m)
			c.mount(&m)
		}
	}
}

// checkMount refuses what no kernel would do as it is meant.
func (c *compiler) checkMount(m *mount) bool {
	before := len(c.errs)
	if below(m.Destination) == "." {
		c.fail(m.field+".destination", "a mount on %q would hide the container's root: set root.path instead", m.Destination)
	}
	if m.copyUp && m.Type != "tmpfs" {
		c.fail(m.field+".options", "tmpcopyup is an option of tmpfs, not of %q", m.Type)
	}
	if m.tmpUpper && (m.Type != "overlay" || len(m.data) != 1 || !m.dataHas("lowerdir")) {
		c.fail(m.field+".options", "tmpupper is an option of overlay, and lowerdir=DIR the only other one that goes with it")
	}
	if m.bind {
		c.checkBindData(m)
	}
	if (m.idmap || len(m.UIDMappings) > 0) && !m.bind {
		c.fail(m.field+".options", "idmapped mounts are bind mounts; this one is of type %q", m.Type)
	}
	if m.idmap && len(m.UIDMappings) == 0 && !c.ns.has(linux.CLONE_NEWUSER) {
		c.fail(m.field, "idmap without uidMappings and gidMappings takes those of the container's user namespace, but it has none")
	}
	if (m.idmap || len(m.UIDMappings) > 0) && !c.in.Host.Privileged {
		c.fail(m.field, "idmapped mounts need CAP_SYS_ADMIN on the host; keg runs as user %d", c.in.Host.UID)
	}
	return len(c.errs) == before
}

// notOfBinds are options that ask nothing of a bind mount, but come along: those of a
// tmpfs, where a list was made for one, and Buildah's own, which changes the owner or
// the label of the files itself and passes its word for it on.
var notOfBinds = []string{"mode", "size", "nr_blocks", "nr_inodes", "huge", "U", "z", "Z"}

// checkBindData is about a file system's own options, of which the kernel takes none
// for a bind mount. Those that come along are left out, as mount(8) does with a
// tmpfs's; any other may be a misspelt flag, or ask for what would not be.
func (c *compiler) checkBindData(m *mount) {
	for _, option := range m.data {
		key, _, _ := strings.Cut(option, "=")
		if !slices.Contains(notOfBinds, key) {
			c.fail(m.field+".options", "unsupported mount option %q: a bind mount takes none of a file system's own options", option)
			return
		}
	}
	if len(m.data) > 0 {
		c.warn(m.field+".options", "ignored: "+m.dataText()+": a bind mount takes none of a file system's own options")
	}
}

func (c *compiler) mount(m *mount) {
	switch {
	case m.remount:
		c.remount(m)
	case m.bind:
		c.step(m.field, "bind "+m.Source+" on "+m.Destination)
		c.bind(m)
	case m.tmpUpper:
		c.overlayMount(m)
	case m.Type == "cgroup" || m.Type == "cgroup2":
		c.cgroupMount(m)
	default:
		c.step(m.field, "mount "+m.Type+" on "+m.Destination)
		c.fileSystem(m)
	}
}

// remount changes flags and options of what is mounted at the destination.
func (c *compiler) remount(m *mount) {
	c.step(m.field, "remount "+m.Destination)
	c.b.Add(c.inRoot(c.root, below(m.Destination), linux.O_PATH, 0, c.target))
	if m.bind {
		c.setAttrs(c.target.Load(), m)
	} else {
		c.call(program.Fchdir, c.target.Load())
		c.call(program.Mount, c.b.Text(m.Source), c.b.Text("."), program.N(0), program.N(linux.MS_REMOUNT|m.flags), c.data(m.dataText()))
	}
	c.close(c.target)
}

// bind attaches a detached copy of the source. Read-only and the other flags
// are set before it is attached: there is no moment in which it is writable.
func (c *compiler) bind(m *mount) {
	source := absolute(c.in.Bundle, m.Source)
	var tree program.Arg
	if m.mapped() {
		tree = c.idmappedTree(m, source)
	} else {
		tree = c.openTree(m.field+".source", source, m.rbind, c.tree)
	}
	c.keep(tree, c.tree)
	c.setApart(c.hostSide() || m.mapped())
	c.setAttrs(c.tree.Load(), m)
	c.openTarget(m.Destination, target{like: &c.tree, noLinks: underSpecial(m.Destination)})
	c.attach()
}

// setApart keeps what is mounted on the tree from showing on the host, if the
// tree was taken where the host's mounts are shared.
func (c *compiler) setApart(inherited bool) {
	if inherited && !c.keepsShared() {
		c.setAttr(c.tree.Load(), mountAttr{propagation: c.apart()}, true)
	}
}

func (m *mount) mapped() bool { return m.idmap || len(m.UIDMappings) > 0 }

// attach moves the tree to the target and forgets both.
func (c *compiler) attach() {
	empty := c.b.Text("")
	c.call(program.MoveMount, c.tree.Load(), empty, c.target.Load(), empty, program.N(linux.MOVE_MOUNT_F_EMPTY|linux.MOVE_MOUNT_T_EMPTY))
	c.close(c.tree)
	c.close(c.target)
}

// underSpecial reports destinations where a symbolic link in the image is an
// attack and never a layout: a fake /proc, a /dev that leads elsewhere.
func underSpecial(dest string) bool {
	first, _, _ := strings.Cut(below(dest), "/")
	return first == "proc" || first == "sys" || first == "dev"
}

func (c *compiler) setAttrs(fd program.Arg, m *mount) {
	if !m.attr.empty() {
		c.setAttr(fd, m.attr, false)
	}
	if !m.recursive.empty() {
		c.setAttr(fd, m.recursive, true)
	}
}

// setAttr is mount_setattr(2) on the mount that fd stands for.
func (c *compiler) setAttr(fd program.Arg, a mountAttr, rec bool) {
	flags := uint64(linux.AT_EMPTY_PATH)
	if rec {
		flags |= linux.AT_RECURSIVE
	}
	c.call(program.MountSetattr, fd, c.b.Text(""), program.N(flags), c.attrWords(a), program.N(32))
}

// attrWords is the struct mount_attr of mount_setattr(2).
func (c *compiler) attrWords(a mountAttr) program.Arg {
	return c.b.Words(describeAttr(a), a.set, a.clr, a.propagation, 0)
}

func describeAttr(a mountAttr) string {
	s := "{set=" + program.MountAttrs.Decode(a.set)
	if a.clr != 0 {
		s += ", clear=" + program.MountAttrs.Decode(a.clr)
	}
	if a.propagation != 0 {
		s += ", propagation=" + program.MountFlags.Decode(a.propagation)
	}
	return s + "}"
}

func (c *compiler) idmappedTree(m *mount, source string) program.Arg {
	id := &IDMap{Recursive: m.ridmap, Maps: IDMaps{m.UIDMappings, m.GIDMappings}}
	if len(m.UIDMappings) == 0 {
		if j, ok := c.ns.join(linux.CLONE_NEWUSER); ok {
			id.NSPath = j.path
		} else {
			id.Maps = *c.plan.Maps
		}
	}
	return c.inheritedFD(FD{Kind: FDTree, Field: m.field, Path: source, Recursive: m.rbind, IDMap: id})
}

// fileSystem mounts a new file system by mount(2) on ".", the target's
// descriptor being the working directory: by fd, in two calls, and without
// the 255 bytes to which fsconfig(2) limits an option.
func (c *compiler) fileSystem(m *mount) {
	if m.wantsDescriptor() {
		c.detached(m)
		return
	}
	c.openTarget(m.Destination, target{noLinks: underSpecial(m.Destination) || m.Type == "proc" || m.Type == "sysfs"})
	c.call(program.Fchdir, c.target.Load())
	o := op(program.Mount, c.b.Text(m.Source), c.b.Text("."), c.b.Text(m.Type), program.N(m.flags), c.data(m.dataText()))
	c.mountOrFallBack(m, o)
	c.afterMount(m)
}

// mountOrFallBack: sysfs shows a network namespace, so it can only be mounted
// by who owns that; where a user namespace does not, the host's is bound.
func (c *compiler) mountOrFallBack(m *mount, o program.Op) {
	if m.Type != "sysfs" || !c.ns.has(linux.CLONE_NEWUSER) || c.ns.isNew(linux.CLONE_NEWNET) {
		c.b.Add(o)
		return
	}
	done := c.b.NewLabel()
	o.On[0].Errno, o.Next = syscall.EPERM, done
	next := c.b.NewLabel()
	o.On[0].To = next
	c.b.Add(o)
	c.b.Mark(next)
	tree := c.openTree(m.field, "/sys", true, c.tree)
	c.keep(tree, c.tree)
	c.setApart(c.hostSide())
	c.setAttr(c.tree.Load(), m.attr, false)
	empty := c.b.Text("")
	c.call(program.MoveMount, c.tree.Load(), empty, c.target.Load(), empty, program.N(linux.MOVE_MOUNT_F_EMPTY|linux.MOVE_MOUNT_T_EMPTY))
	c.close(c.tree)
	c.b.Mark(done)
}

// afterMount does what mount(2) cannot, for options too long to make the mount
// detached.
func (c *compiler) afterMount(m *mount) {
	attr := mountAttr{propagation: m.attr.propagation}
	if !attr.empty() || !m.recursive.empty() {
		c.b.Add(c.inRoot(c.root, below(m.Destination), linux.O_PATH, linux.RESOLVE_NO_MAGIC, c.tree))
		if !attr.empty() {
			c.setAttr(c.tree.Load(), attr, false)
		}
		if !m.recursive.empty() {
			c.setAttr(c.tree.Load(), m.recursive, true)
		}
		c.close(c.tree)
	}
	c.close(c.target)
}

func (c *compiler) data(s string) program.Arg {
	if s == "" {
		return program.N(0)
	}
	return c.b.Text(s)
}
