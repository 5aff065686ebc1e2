package plan

import (
	"path"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// cgroupMount mounts the container's cgroups. With a cgroup namespace it is
// the file system itself; without, the container's own part of it is bound,
// and only read-only, since from there the host's could be reached
// (CVE-2023-25809). A container without cgroups sees its caller's, read-only too.
func (c *compiler) cgroupMount(m *mount) {
	if c.in.NoCgroup {
		own := *m
		own.flags |= linux.MS_RDONLY
		own.attr.change(linux.MOUNT_ATTR_RDONLY, false)
		m = &own
	}
	if c.ns.has(linux.CLONE_NEWCGROUP) || c.in.Scope != nil {
		c.waitPlaced() // until then systemd has not made what is to be mounted
	}
	c.step(m.field, "mount the container's cgroups on "+m.Destination)
	if c.in.Host.Resources.Unified {
		c.cgroupV2(m)
		return
	}
	c.cgroupV1(m)
}

func (c *compiler) cgroupV2(m *mount) {
	if !c.ns.has(linux.CLONE_NEWCGROUP) {
		c.bindCgroups(m, m.Destination, c.in.Host.CgroupMounts)
		return
	}
	// By move_mount: mount(2) refuses to cover a file system with itself, and it
	// is there already where /sys is the host's, as for an ordinary user.
	fs := op(program.Fsopen, c.b.Text("cgroup2"), program.N(linux.FSOPEN_CLOEXEC))
	fs.Store = c.probe
	c.b.Add(fs)
	c.call(program.Fsconfig, c.probe.Load(), program.N(linux.FSCONFIG_SET_STRING), c.b.Text("source"), c.b.Text("cgroup"), program.N(0))
	c.call(program.Fsconfig, c.probe.Load(), program.N(linux.FSCONFIG_CREATE), program.N(0), program.N(0), program.N(0))
	mnt := op(program.Fsmount, c.probe.Load(), program.N(linux.FSMOUNT_CLOEXEC), program.N(0))
	mnt.Store = c.tree
	c.b.Add(mnt)
	c.close(c.probe)
	c.setAttrs(c.tree.Load(), m)
	c.openTarget(m.Destination, target{noLinks: true})
	c.attach()
}

// cgroupV1 is a tmpfs with a directory for each hierarchy.
func (c *compiler) cgroupV1(m *mount) {
	c.openTarget(m.Destination, target{noLinks: true})
	c.call(program.Fchdir, c.target.Load())
	c.call(program.Mount, c.b.Text("tmpfs"), c.b.Text("."), c.b.Text("tmpfs"),
		program.N(m.flags&^linux.MS_RDONLY), c.b.Text(strings.TrimSuffix("mode=755,size=65536k,"+c.labelOption(), ",")))
	c.close(c.target)
	c.bindCgroups(m, m.Destination, c.in.Host.CgroupMounts)
	if m.flags&linux.MS_RDONLY != 0 || !c.ns.has(linux.CLONE_NEWCGROUP) {
		c.b.Add(c.inRoot(c.root, below(m.Destination), linux.O_PATH, linux.RESOLVE_NO_LINKS, c.target))
		c.setAttr(c.target.Load(), mountAttr{set: linux.MOUNT_ATTR_RDONLY}, false)
		c.close(c.target)
	}
}

func (c *compiler) bindCgroups(m *mount, dest string, list []CgroupMount) {
	for _, h := range list {
		c.cgroupHierarchy(m, path.Join(dest, h.Name), h)
		for _, controller := range h.Controllers {
			if controller == h.Name {
				continue
			}
			c.openTarget(dest, target{noLinks: true})
			c.symlink(c.target, controller, h.Name)
			c.close(c.target)
		}
	}
}

func (c *compiler) cgroupHierarchy(m *mount, dest string, h CgroupMount) {
	if c.ns.has(linux.CLONE_NEWCGROUP) {
		c.openTarget(dest, target{noLinks: true})
		c.call(program.Fchdir, c.target.Load())
		kind := "cgroup"
		if h.Unified {
			kind = "cgroup2"
		}
		c.mountCgroup(".", kind, m.flags, h.Options)
		c.close(c.target)
		return
	}
	if h.Path == "" {
		return // no cgroup of its own in this hierarchy
	}
	attr := m.attr
	attr.change(linux.MOUNT_ATTR_RDONLY, false)
	c.openCgroup(m.field, h.Path)
	c.setAttr(c.tree.Load(), attr, false)
	c.openTarget(dest, target{noLinks: true})
	c.attach()
}

// openCgroup takes a copy of the container's cgroup. Where keg may make none,
// there is but the one above: keg's own, which the container is in then.
func (c *compiler) openCgroup(field, name string) {
	own := path.Dir(name)
	if c.hostSide() {
		c.keep(c.inheritedFD(FD{Kind: FDTree, Field: field, Path: name, Else: own}), c.tree)
		return
	}
	missing, done := c.b.NewLabel(), c.b.NewLabel()
	o := op(program.OpenTree, cwd, c.b.Text(name), program.N(linux.OPEN_TREE_CLONE|linux.OPEN_TREE_CLOEXEC))
	o.Store, o.Next = c.tree, done
	o.On[0] = program.Branch{Errno: syscall.ENOENT, To: missing}
	c.b.Add(o)
	c.b.Mark(missing)
	o.Args[1], o.Next, o.On[0] = c.b.Text(own), 0, program.Branch{}
	c.b.Add(o)
	c.b.Mark(done)
}

// mountCgroup mounts the file system. EBUSY: the hierarchy is mounted with
// other flags elsewhere; it is left out then, as it was before.
func (c *compiler) mountCgroup(on, kind string, flags uint64, data string) {
	o := op(program.Mount, c.b.Text("cgroup"), c.b.Text(on), c.b.Text(kind), program.N(flags), c.data(data))
	if kind == "cgroup" {
		o.On[0].Errno = syscall.EBUSY
	}
	c.b.Add(o)
}
