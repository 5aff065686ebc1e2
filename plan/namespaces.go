package plan

import (
	"strconv"
	"strings"
	"syscall"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

// namespaces is what linux.namespaces asks for.
type namespaces struct {
	created uint64            // CLONE_NEW* of the new ones
	entered uint64            // CLONE_NEW* of those that a process joins with a container
	joined  []joinedNamespace // in the order in which they are joined
}

type joinedNamespace struct {
	field, path string
	kind        uint64
}

// namespaceKinds is in the order in which namespaces are joined: user first,
// since it brings the privileges for the others; mount last, since paths
// change their meaning with it. cgroup waits until the init is in its cgroup.
var namespaceKinds = [...]struct {
	name oci.LinuxNamespaceType
	kind uint64
}{
	{oci.UserNamespace, linux.CLONE_NEWUSER},
	{oci.IPCNamespace, linux.CLONE_NEWIPC},
	{oci.UTSNamespace, linux.CLONE_NEWUTS},
	{oci.NetworkNamespace, linux.CLONE_NEWNET},
	{oci.PIDNamespace, linux.CLONE_NEWPID},
	{oci.TimeNamespace, linux.CLONE_NEWTIME},
	{oci.CgroupNamespace, linux.CLONE_NEWCGROUP},
	{oci.MountNamespace, linux.CLONE_NEWNS},
}

func kindOf(name oci.LinuxNamespaceType) uint64 {
	for _, k := range namespaceKinds {
		if k.name == name {
			return k.kind
		}
	}
	return 0
}

func namespacesOf(l *oci.Linux) namespaces {
	var n namespaces
	if l == nil {
		return n
	}
	for i, entry := range l.Namespaces {
		kind := kindOf(entry.Type)
		if entry.Path == "" {
			n.created |= kind
			continue
		}
		n.joined = append(n.joined, joinedNamespace{index("linux.namespaces", i) + ".path", entry.Path, kind})
	}
	return n
}

func index(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

func (n *namespaces) isNew(kind uint64) bool { return n.created&kind != 0 }

func (n *namespaces) join(kind uint64) (joinedNamespace, bool) {
	for _, j := range n.joined {
		if j.kind == kind {
			return j, true
		}
	}
	return joinedNamespace{}, false
}

// has reports whether the container has its own namespace of the kind, new or joined.
func (n *namespaces) has(kind uint64) bool {
	_, joined := n.join(kind)
	return joined || n.isNew(kind) || n.entered&kind != 0
}

// staged reports whether a first process has to prepare namespaces before it
// clones the init: what it joins or makes must exist when the rest is made, or
// only holds for its children.
func (n *namespaces) staged() bool {
	_, user := n.join(linux.CLONE_NEWUSER)
	_, pid := n.join(linux.CLONE_NEWPID)
	return user || pid || n.isNew(linux.CLONE_NEWTIME) || n.isNew(linux.CLONE_NEWUSER) && len(n.joined) > 0
}

func (c *compiler) enterNamespaces() {
	c.ns = namespacesOf(c.in.Spec.Linux)
	c.plan.Staged = c.ns.staged()
	if c.ns.isNew(linux.CLONE_NEWUSER) {
		c.plan.Maps = &IDMaps{c.in.Spec.Linux.UIDMappings, c.in.Spec.Linux.GIDMappings}
	}
	c.raiseOOMScore()
	if c.plan.Staged {
		c.stage()
		return
	}
	// cgroup: made once the init is in its cgroup. time: see stage.
	c.plan.CloneFlags = c.ns.created &^ linux.CLONE_NEWCGROUP
	if c.plan.Maps != nil {
		c.plan.Ambient = true
		c.becomeRoot()
	}
	c.beUndumpable()
	c.joinAll()
}

// stage makes the container's namespaces one after another in the first
// process, which then clones the init as its own sibling and ends.
func (c *compiler) stage() {
	c.stages = true
	offsets := c.openTimeOffsets()
	if c.ns.isNew(linux.CLONE_NEWUSER) {
		c.joinAll() // with the caller's privileges: they may belong to another user namespace
		c.step(c.nsField(oci.UserNamespace), "make the user namespace")
		c.call(program.Unshare, program.N(linux.CLONE_NEWUSER))
		c.setDumpable(1) // so that keg may write the mappings; unshare(2) has reset it
		c.report("U")
		c.becomeRoot()
		c.beUndumpable() // the init inherits it, before anyone in its pid namespace sees it
	} else {
		c.beUndumpable()
		c.joinAll()
	}
	if c.ns.isNew(linux.CLONE_NEWTIME) {
		c.timeNamespace(offsets)
	}
	c.cloneInit()
}

// joinAll joins namespaces by path.
func (c *compiler) joinAll() {
	for _, k := range namespaceKinds {
		kind := k.kind
		j, ok := c.ns.join(kind)
		if !ok || kind == linux.CLONE_NEWCGROUP {
			continue
		}
		c.step(j.field, "join the "+string(k.name)+" namespace "+j.path)
		c.call(program.Setns, c.namespaceFD(j.field, j.path, kind), program.N(kind))
		if kind == linux.CLONE_NEWUSER {
			c.becomeMapped(idsUnmapped)
			c.setDumpable(0) // new ids have reset it, to what fs.suid_dumpable says
		}
	}
}

// cgroupNamespace is entered once the init is in its cgroup, whose path
// becomes the namespace's root. cgroup_namespaces(7)
func (c *compiler) cgroupNamespace() {
	if j, ok := c.ns.join(linux.CLONE_NEWCGROUP); ok {
		c.step(j.field, "join the cgroup namespace "+j.path)
		c.call(program.Setns, c.namespaceFD(j.field, j.path, linux.CLONE_NEWCGROUP), program.N(linux.CLONE_NEWCGROUP))
	}
	if c.ns.isNew(linux.CLONE_NEWCGROUP) {
		c.step(c.nsField(oci.CgroupNamespace), "make the cgroup namespace")
		c.call(program.Unshare, program.N(linux.CLONE_NEWCGROUP))
	}
}

// openTimeOffsets opens the file that a new time namespace's offsets are
// written to while /proc is the caller's and belongs to the caller: not the
// joined mount namespace's, nor, of a process that is not dumpable, root's.
func (c *compiler) openTimeOffsets() program.Slot {
	if !c.ns.isNew(linux.CLONE_NEWTIME) || len(c.in.Spec.Linux.TimeOffsets) == 0 {
		return program.Slot{}
	}
	slot := c.b.NewSlot("offsets")
	c.step("linux.timeOffsets", "open the file of the time namespace's offsets")
	c.b.Add(c.openat(cwd, "/proc/self/timens_offsets", linux.O_WRONLY, slot))
	return slot
}

// timeNamespace makes a time namespace with its offsets, which can only be
// written before a process enters it. time_namespaces(7)
func (c *compiler) timeNamespace(file program.Slot) {
	c.step(c.nsField(oci.TimeNamespace), "make the time namespace")
	c.call(program.Unshare, program.N(linux.CLONE_NEWTIME))
	offsets := c.in.Spec.Linux.TimeOffsets
	var text strings.Builder
	for _, clock := range []string{"monotonic", "boottime"} {
		if o, ok := offsets[clock]; ok {
			text.WriteString(clock + " " + strconv.FormatInt(o.Secs, 10) + " " + strconv.FormatUint(uint64(o.Nanosecs), 10) + "\n")
		}
	}
	if text.Len() == 0 {
		return
	}
	c.step("linux.timeOffsets", "write the time namespace's offsets")
	c.write(file.Load(), text.String())
	c.close(file)
}

// cloneInit ends the stage: the init is its sibling, so keg is its parent and
// reaps it, and it is born inside the pid and time namespaces.
func (c *compiler) cloneInit() {
	c.step("", "clone "+c.who())
	inChild := c.ns.created & linux.CLONE_NEWPID
	rest := c.ns.created &^ (linux.CLONE_NEWPID | linux.CLONE_NEWUSER | linux.CLONE_NEWTIME | linux.CLONE_NEWCGROUP)
	record := c.b.Bytes(append([]byte("0000000P"), make([]byte, 8)...), "record")
	pid := c.b.SlotAt(record, 8, "pid")
	parent, child := c.b.NewLabel(), c.b.NewLabel()
	clone := op(program.Clone, program.N(linux.CLONE_PARENT|linux.SIGCHLD|inChild))
	clone.Store, clone.Next = pid, child
	clone.Want = program.Want{Mask: ^uint64(0), Value: 0, Else: parent}
	c.b.Add(clone)
	c.b.Mark(parent)
	c.call(program.Write, c.sync(), record.Plus(7), program.N(9))
	c.call(program.Exit, program.N(0))
	c.b.Mark(child)
	c.stages = false
	if rest != 0 {
		c.step("linux.namespaces", "make the other namespaces")
		c.call(program.Unshare, program.N(rest))
	}
}

// who is the process that the plan is for.
func (c *compiler) who() string {
	if c.join != nil {
		return "the process that joins the container"
	}
	return "the container's first process"
}

// becomeRoot waits until the mappings are written, then takes the ids that
// own the namespace.
func (c *compiler) becomeRoot() {
	c.step("linux.uidMappings", "wait until the user namespace's id mappings are written, become its root")
	c.awaits(WriteMaps)
	c.await("go")
	c.becomeMapped(nil)
}

// idsUnmapped are the errnos by which a joined user namespace says that it has
// no id 0.
var idsUnmapped = []syscall.Errno{syscall.EINVAL, syscall.EPERM}

// becomeMapped takes uid and gid of the namespace's root; tolerated: errnos
// that mean that the namespace has none, where its capabilities must do.
func (c *compiler) becomeMapped(tolerated []syscall.Errno) {
	uid, gid := uint32(0), uint32(0)
	if m := c.plan.Maps; m != nil {
		uid, gid = firstMapped(m.UID), firstMapped(m.GID)
	}
	// Denied where the only mapping is one's own id. user_namespaces(7)
	groups := op(program.Setgroups, program.N(0), program.N(0))
	groups.On[0].Errno = syscall.EPERM
	c.b.Add(groups)
	for _, call := range []struct {
		call *program.Call
		id   uint32
	}{{program.Setresgid, gid}, {program.Setresuid, uid}} {
		o := op(call.call, program.N(call.id), program.N(call.id), program.N(call.id))
		for i, e := range tolerated {
			o.On[i].Errno = e
		}
		c.b.Add(o)
	}
}

// firstMapped is the id by which the setup runs: 0 where it is mapped.
func firstMapped(maps []oci.LinuxIDMapping) uint32 {
	for _, m := range maps {
		if m.ContainerID == 0 {
			return 0
		}
	}
	if len(maps) == 0 {
		return 0
	}
	return maps[0].ContainerID
}

func (c *compiler) nsField(t oci.LinuxNamespaceType) string {
	for i, n := range c.in.Spec.Linux.Namespaces {
		if n.Type == t {
			return index("linux.namespaces", i)
		}
	}
	return "linux.namespaces"
}

// beUndumpable keeps processes that share the container's pid namespace from
// attaching to the init by ptrace, and from its descriptors (CVE-2016-9962):
// from before it joins anything, or as soon as keg has written its mappings.
// execve resets it, so it is no inheritance but an op.
func (c *compiler) beUndumpable() {
	c.step("", "refuse to be traced until the program starts")
	c.setDumpable(0)
}

func (c *compiler) setDumpable(n int) {
	c.call(program.Prctl, program.N(linux.PR_SET_DUMPABLE), program.N(n))
}
