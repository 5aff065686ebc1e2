package plan

import (
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

var propagations = [...]named{
	{"private", linux.MS_PRIVATE}, {"rprivate", linux.MS_PRIVATE | linux.MS_REC},
	{"slave", linux.MS_SLAVE}, {"rslave", linux.MS_SLAVE | linux.MS_REC},
	{"shared", linux.MS_SHARED}, {"rshared", linux.MS_SHARED | linux.MS_REC},
	{"unbindable", linux.MS_UNBINDABLE}, {"runbindable", linux.MS_UNBINDABLE | linux.MS_REC},
}

func (c *compiler) rootfsPropagation() uint64 {
	if c.in.Spec.Linux == nil {
		return 0
	}
	return number(propagations[:], c.in.Spec.Linux.RootfsPropagation)
}

// keepsShared reports whether mounts made in the container may show on the
// host, as rootfsPropagation shared asks for (Kubernetes' Bidirectional).
func (c *compiler) keepsShared() bool { return c.rootfsPropagation()&linux.MS_SHARED != 0 }

// apart is how the container's mounts are kept from showing on the host:
// private, or slaves, which see what the host mounts later.
func (c *compiler) apart() uint64 {
	if c.rootfsPropagation()&linux.MS_PRIVATE != 0 {
		return linux.MS_PRIVATE
	}
	return linux.MS_SLAVE
}

// openRoot attaches the container's root on top of the namespace's own root.
// There its parent is private whatever the root's path lies on, pivot_root
// accepts it, and no directory on the way has to be reachable from inside.
func (c *compiler) openRoot() {
	if c.in.Spec.Root == nil {
		return
	}
	if !c.ns.isNew(linux.CLONE_NEWNS) {
		c.plainRoot()
		return
	}
	title := "keep mounts made here from showing on the host"
	if c.keepsShared() {
		title = "let mounts made below shared ones show on the host"
	}
	c.step("linux.rootfsPropagation", title)
	if c.keepsShared() {
		c.mountFlags("/", linux.MS_PRIVATE) // the root alone: pivot_root refuses a shared parent
	} else {
		c.mountFlags("/", c.apart()|linux.MS_REC)
	}
	if c.in.Spec.Annotations[AnnotationOverlay] == "tmpfs" {
		c.overlayRoot()
		return
	}
	c.step("root.path", "take "+c.in.Rootfs()+" as the container's root")
	tree := c.openTree("root.path", c.in.Rootfs(), true, c.root)
	if c.keepsShared() || c.hostSide() {
		// Else mounts made in it show on the host, and pivot_root refuses it.
		c.setAttr(tree, mountAttr{propagation: c.apart()}, true)
	}
	c.call(program.MoveMount, tree, c.b.Text(""), cwd, c.b.Text("/"), program.N(linux.MOVE_MOUNT_F_EMPTY))
	c.keep(tree, c.root)
}

// plainRoot is the root of a container that shares its mount namespace, the
// host's or one that it joins: nothing may be mounted or changed there.
func (c *compiler) plainRoot() {
	s := c.in.Spec
	for i := range s.Mounts {
		c.needMounts(index("mounts", i), "mounting")
	}
	if s.Root.Readonly {
		c.needMounts("root.readonly", "a read-only root")
	}
	if s.Annotations[AnnotationOverlay] != "" {
		c.needMounts("annotations."+AnnotationOverlay, "a throw-away layer")
	}
	if l := s.Linux; l != nil {
		if len(l.MaskedPaths)+len(l.ReadonlyPaths) > 0 {
			c.needMounts("linux.maskedPaths, linux.readonlyPaths", "covering paths")
		}
		if l.RootfsPropagation != "" {
			c.needMounts("linux.rootfsPropagation", "changing the propagation")
		}
		if len(l.Devices) > 0 {
			c.needMounts("linux.devices", "making devices")
		}
	}
	c.step("root.path", "open "+c.in.Rootfs())
	c.b.Add(c.openat(cwd, c.in.Rootfs(), linux.O_PATH|linux.O_DIRECTORY, c.root))
}

func (c *compiler) needMounts(field, what string) {
	if j, ok := c.ns.join(linux.CLONE_NEWNS); ok {
		c.fail(field, "%s needs a new mount namespace: %s joins another's, which stays as it is", what, strings.TrimSuffix(j.field, ".path"))
		return
	}
	c.fail(field, "%s needs a mount namespace of the container's own: add {\"type\": \"mount\"} to linux.namespaces", what)
}

// openTree takes a detached copy of the mount at path, with the mounts below
// it if rec: by the host where a directory on the way may be out of the user
// namespace's reach, else by the init.
func (c *compiler) openTree(field, path string, rec bool, into program.Slot) program.Arg {
	if c.hostSide() {
		return c.inheritedFD(FD{Kind: FDTree, Field: field, Path: path, Recursive: rec})
	}
	flags := uint64(linux.OPEN_TREE_CLONE | linux.OPEN_TREE_CLOEXEC)
	if rec {
		flags |= linux.AT_RECURSIVE
	}
	o := op(program.OpenTree, cwd, c.b.Text(path), program.N(flags))
	o.Store = into
	c.b.Add(o)
	return into.Load()
}

// hostSide reports whether keg itself opens what lies on the host.
func (c *compiler) hostSide() bool { return c.in.Host.Privileged && c.ns.has(linux.CLONE_NEWUSER) }

// keep stores a constant descriptor into a slot.
func (c *compiler) keep(fd program.Arg, into program.Slot) {
	if fd == into.Load() {
		return
	}
	o := op(program.Set, fd)
	o.Store = into
	c.b.Add(o)
}

// mountFlags changes the propagation of the mount at path.
func (c *compiler) mountFlags(path string, flags uint64) {
	c.call(program.Mount, program.N(0), c.b.Text(path), program.N(0), program.N(flags), program.N(0))
}

func (c *compiler) readonlyRoot() {
	if c.in.Spec.Root == nil || !c.in.Spec.Root.Readonly || !c.ns.isNew(linux.CLONE_NEWNS) {
		return
	}
	c.step("root.readonly", "make the root read-only")
	c.setAttr(c.root.Load(), mountAttr{set: linux.MOUNT_ATTR_RDONLY}, false)
}

// enterRoot makes the container's root the root. The old one is taken from
// the namespace; where pivot_root is not possible (an initramfs, --no-pivot),
// the new root lies on top of it, and no ".." leads below a mount.
func (c *compiler) enterRoot() {
	if c.in.Spec.Root == nil {
		return
	}
	dot := c.b.Text(".")
	c.step("root.path", "enter the container's root")
	c.call(program.Fchdir, c.root.Load())
	if !c.ns.isNew(linux.CLONE_NEWNS) || c.in.Host.Initramfs || c.in.NoPivot {
		c.call(program.Chroot, dot)
		c.call(program.Chdir, c.b.Text("/"))
	} else {
		c.pivot(dot)
	}
	c.verifyRoot()
	if p := c.rootfsPropagation(); p != 0 && c.ns.isNew(linux.CLONE_NEWNS) {
		c.step("linux.rootfsPropagation", "set the root's propagation to "+c.in.Spec.Linux.RootfsPropagation)
		c.mountFlags("/", p)
	}
}

// pivot stacks the old root on the new one and unmounts it from there.
// pivot_root(2), "pivot_root(".", ".")"
func (c *compiler) pivot(dot program.Arg) {
	if c.keepsShared() {
		c.b.Add(c.openat(cwd, "/", linux.O_PATH|linux.O_DIRECTORY, c.probe))
	}
	c.call(program.PivotRoot, dot, dot)
	if c.keepsShared() {
		// Unmounting a shared tree would unmount it on the host as well.
		c.call(program.Fchdir, c.probe.Load())
		c.call(program.Mount, program.N(0), dot, program.N(0), program.N(linux.MS_SLAVE|linux.MS_REC), program.N(0))
		c.close(c.probe)
	}
	c.call(program.Umount2, dot, program.N(linux.MNT_DETACH))
	c.call(program.Chdir, c.b.Text("/"))
}

// verifyRoot makes sure that nothing is left mounted on top of the new root:
// "/.." would lead to it.
func (c *compiler) verifyRoot() {
	c.b.Add(c.openat2(cwd, "/..", linux.O_PATH|linux.O_DIRECTORY, linux.RESOLVE_NO_XDEV, c.probe))
	c.close(c.probe)
}

// makeCwd makes process.cwd where it is missing, with the privileges of the
// setup, and tries to enter it: the final user may not be allowed to.
func (c *compiler) makeCwd() {
	p := c.in.Spec.Process
	if p == nil {
		return
	}
	c.step("process.cwd", "make and enter the working directory "+p.Cwd)
	if below(p.Cwd) != "." {
		c.openTarget(p.Cwd, target{})
		c.close(c.target)
	}
	o := op(program.Chdir, c.b.Text(p.Cwd))
	o.On[0].Errno = syscall.EACCES
	c.b.Add(o)
}

// enterCwd enters the working directory as the final user, and makes sure
// that it lies inside the root (CVE-2024-21626): getcwd(2) says
// "(unreachable)" of one that does not.
func (c *compiler) enterCwd() {
	p := c.in.Spec.Process
	if p == nil {
		return
	}
	c.step("process.cwd", "enter "+p.Cwd+" as the final user, inside the root")
	o := op(program.Chdir, c.b.Text(p.Cwd))
	c.b.Add(o)
	buf := c.b.Zero(4096, "buffer")
	c.call(program.Getcwd, buf, program.N(4096))
	first := op(program.Set, c.b.SlotAt(buf, 0, "buffer[0]").Load())
	first.Want = program.Want{Mask: 0xff, Value: '/', Name: "'/'"}
	c.b.Add(first)
}
