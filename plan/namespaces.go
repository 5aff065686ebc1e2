package plan

import (
	"strconv"

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
		if len(c.in.Spec.Linux.UIDMappings) == 0 {
			c.fail("linux.uidMappings", "a new user namespace without mappings has no user that could run anything: say which ids of the host it gets")
		}
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
