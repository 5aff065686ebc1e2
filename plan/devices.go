package plan

import (
	"path"
	"strings"
	"syscall"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// defaultDevices are in every container. runtime-spec config-linux.md#default-devices
var defaultDevices = [...]device{
	{path: "/dev/null", kind: linux.S_IFCHR, major: 1, minor: 3, mode: 0o666},
	{path: "/dev/zero", kind: linux.S_IFCHR, major: 1, minor: 5, mode: 0o666},
	{path: "/dev/full", kind: linux.S_IFCHR, major: 1, minor: 7, mode: 0o666},
	{path: "/dev/random", kind: linux.S_IFCHR, major: 1, minor: 8, mode: 0o666},
	{path: "/dev/urandom", kind: linux.S_IFCHR, major: 1, minor: 9, mode: 0o666},
	{path: "/dev/tty", kind: linux.S_IFCHR, major: 5, minor: 0, mode: 0o666},
}

// defaultLinks are made in /dev where nothing of the name is there.
var defaultLinks = [...]struct{ name, to string }{
	{"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"},
}

type device struct {
	field, path  string
	kind         uint32 // S_IFCHR, S_IFBLK, S_IFIFO
	major, minor uint32
	mode         uint32
	uid, gid     uint32
}

// devices makes the default devices and links and those of linux.devices. A
// bind mount on /dev brings its own.
func (c *compiler) devices() {
	if !c.ns.isNew(linux.CLONE_NEWNS) || c.in.Spec.Root == nil || c.devIsBound() {
		return
	}
	devices := defaultDevices[:]
	if l := c.in.Spec.Linux; l != nil && len(l.Devices) > 0 {
		devices = c.configuredDevices(l.Devices)
	}
	c.step("linux.devices", "make the default devices in /dev")
	c.openTarget("/dev", target{noLinks: true})
	dev := c.b.NewSlot("dev")
	c.keepSlot(c.target, dev)
	for i := range devices {
		switch {
		case devices[i].field != "":
			c.step(devices[i].field, "make device "+devices[i].path)
		case i > 0 && devices[i-1].field != "":
			c.step("linux.devices", "make the other default devices")
		}
		c.device(dev, &devices[i])
	}
	c.step("", "make the links in /dev")
	for _, l := range defaultLinks {
		c.symlink(dev, l.name, l.to)
	}
	c.ptmx(dev)
	c.close(dev)
}

// ptmx makes /dev/ptmx lead to the container's own devpts. What an image has in
// its place is replaced, but not the device itself: it finds pts beside it, and
// where the root is the host's own it is the host's.
func (c *compiler) ptmx(dev program.Slot) {
	name, replace, done := c.b.Text("ptmx"), c.b.NewLabel(), c.b.NewLabel()
	link := op(program.Symlinkat, c.b.Text("pts/ptmx"), dev.Load(), name)
	link.On[0].Errno, link.Next = syscall.EEXIST, done
	exists := c.b.NewLabel()
	link.On[0].To = exists
	c.b.Add(link)
	c.b.Mark(exists)
	node := &device{kind: linux.S_IFCHR, major: 5, minor: 2}
	c.verifyNode(dev.Load(), name, program.N(linux.AT_NOFOLLOW), node, replace)
	c.jump(done)
	c.b.Mark(replace)
	c.call(program.Unlinkat, dev.Load(), name, program.N(0))
	c.symlink(dev, "ptmx", "pts/ptmx")
	c.b.Mark(done)
}

func (c *compiler) devIsBound() bool {
	for i := range c.in.Spec.Mounts {
		m := &c.in.Spec.Mounts[i]
		if below(m.Destination) == "dev" && parseMountOptions(m).bind {
			return true
		}
	}
	return false
}

// configuredDevices are the default devices, each replaced where linux.devices
// has one of the same path, and then the rest of linux.devices.
func (c *compiler) configuredDevices(list []oci.LinuxDevice) []device {
	all := append([]device(nil), defaultDevices[:]...)
next:
	for i := range list {
		d := deviceOf(&list[i], index("linux.devices", i))
		for k := range all {
			if all[k].path == d.path {
				all[k] = d
				continue next
			}
		}
		all = append(all, d)
	}
	return all
}

func deviceOf(l *oci.LinuxDevice, field string) device {
	d := device{field: field, path: path.Clean(l.Path), major: uint32(l.Major), minor: uint32(l.Minor), mode: 0o666}
	switch l.Type {
	case "b":
		d.kind = linux.S_IFBLK
	case "p":
		d.kind = linux.S_IFIFO
	default: // c, u
		d.kind = linux.S_IFCHR
	}
	if l.FileMode != nil {
		d.mode = uint32(*l.FileMode) & 0o7777
	}
	if l.UID != nil {
		d.uid = *l.UID
	}
	if l.GID != nil {
		d.gid = *l.GID
	}
	return d
}

// device makes one device, below the open /dev where it lies there directly.
func (c *compiler) device(dev program.Slot, d *device) {
	parent, name := dev, strings.TrimPrefix(d.path, "/dev/")
	if name == d.path || strings.Contains(name, "/") {
		dir := path.Dir(d.path)
		c.openTarget(dir, target{noLinks: underSpecial(dir)})
		parent, name = c.target, path.Base(d.path)
	}
	if c.bindsDevices() && d.kind != linux.S_IFIFO {
		c.bindDevice(parent, name, d)
	} else {
		c.makeNode(parent, name, d)
	}
	if parent == c.target {
		c.close(c.target)
	}
}

// bindsDevices reports whether devices have to be binds of the host's: in a
// user namespace mknod(2) is refused.
func (c *compiler) bindsDevices() bool {
	return c.ns.has(linux.CLONE_NEWUSER) || !c.in.Host.Mknod
}

// makeNode makes a device node. One that is there already must be the same
// device: an image's "null" that is a file, a link or another device is an
// attack (CVE-2025-31133).
func (c *compiler) makeNode(parent program.Slot, name string, d *device) {
	text := c.b.Text(name)
	exists, done := c.b.NewLabel(), c.b.NewLabel()
	o := op(program.Mknodat, parent.Load(), text, program.N(d.kind|d.mode), program.N(linux.Mkdev(d.major, d.minor)))
	o.On[0] = program.Branch{Errno: syscall.EEXIST, To: exists}
	if d.uid == 0 && d.gid == 0 {
		o.Next = done
	}
	c.b.Add(o)
	if d.uid != 0 || d.gid != 0 {
		chown := op(program.Fchownat, parent.Load(), text, program.N(d.uid), program.N(d.gid), program.N(linux.AT_NOFOLLOW))
		chown.Next = done
		c.b.Add(chown)
	}
	c.b.Mark(exists)
	c.verifyNode(parent.Load(), text, program.N(linux.AT_NOFOLLOW), d, 0)
	c.b.Mark(done)
}

// bindDevice binds the host's device of the same path on a file made for it.
// Read-only, it can be written to like any other, but its mode and its owner
// are out of reach: root inside is its owner where the mapping is the identity.
func (c *compiler) bindDevice(parent program.Slot, name string, d *device) {
	tree := c.openTree(d.fieldOr("linux.devices"), d.path, false, c.tree)
	c.keep(tree, c.tree)
	c.verifyNode(c.tree.Load(), c.b.Text(""), program.N(linux.AT_EMPTY_PATH), d, 0)
	c.setAttr(c.tree.Load(), mountAttr{set: linux.MOUNT_ATTR_RDONLY}, false)
	c.makeFile(parent, name)
	into := c.b.NewSlot("device")
	c.b.Add(c.inRoot(parent, name, linux.O_PATH, linux.RESOLVE_NO_LINKS, into))
	empty := c.b.Text("")
	c.call(program.MoveMount, c.tree.Load(), empty, into.Load(), empty, program.N(linux.MOVE_MOUNT_F_EMPTY|linux.MOVE_MOUNT_T_EMPTY))
	c.close(into)
	c.close(c.tree)
}

func (d *device) fieldOr(field string) string {
	if d.field != "" {
		return d.field
	}
	return field
}

func (c *compiler) symlink(dir program.Slot, name, to string) {
	o := op(program.Symlinkat, c.b.Text(to), dir.Load(), c.b.Text(name))
	o.On[0].Errno = syscall.EEXIST
	c.b.Add(o)
}

// keepSlot moves a slot's value into another.
func (c *compiler) keepSlot(from, into program.Slot) { c.keep(from.Load(), into) }
