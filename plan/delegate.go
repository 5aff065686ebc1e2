package plan

import (
	"path"
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
)

// AnnotationDelegate names a sub-cgroup that the container has to itself.
const AnnotationDelegate = "run.oci.delegate-cgroup"

// delegateStep gives the cgroup to the container's user, or a sub-cgroup below
// the limits. runtime-spec config-linux.md#cgroup-ownership: if it has a cgroup
// namespace of its own and the mount on /sys/fs/cgroup can be written. Never on
// v1, where who may make cgroups may set their limits.
func (c *compiler) delegateStep() {
	if name, asked := c.in.Spec.Annotations[AnnotationDelegate]; asked {
		c.delegateSub(name)
		return
	}
	i := slices.IndexFunc(c.in.Spec.Mounts, isCgroupTree)
	if i < 0 || !c.in.Host.Resources.Unified || !c.ns.isNew(linux.CLONE_NEWCGROUP) {
		return
	}
	m := &c.in.Spec.Mounts[i]
	owner := c.cgroupOwner()
	if owner == c.in.Host.UID || parseMountOptions(m).flags&linux.MS_RDONLY != 0 {
		return
	}
	c.host(HostStep{Action: Delegate, Field: index("mounts", i), Title: "give the cgroup to uid " + decimal(uint32(owner)) + ", as its mount can be written", Value: owner})
}

func isCgroupTree(m oci.Mount) bool {
	return (m.Type == "cgroup" || m.Type == "cgroup2") && path.Clean(m.Destination) == "/sys/fs/cgroup"
}

func (c *compiler) delegateSub(name string) {
	const field = "annotations." + AnnotationDelegate
	name = below(name)
	switch {
	case !c.in.Host.Resources.Unified:
		c.fail(field, "delegation is safe on pure cgroup v2 only")
	case name == ".":
		c.fail(field, "must name a sub-cgroup")
	default:
		c.host(HostStep{Action: Delegate, Field: field, Title: "make the sub-cgroup " + name + ", in which the container is", Name: name, Value: c.cgroupOwner()})
	}
}

// cgroupOwner is the process's user as the host sees it. An ordinary user's
// keg can give nothing away; the container's root has the rights of that user.
func (c *compiler) cgroupOwner() int {
	own := c.in.Host.UID
	if c.in.Spec.Process == nil || !c.in.Host.Privileged {
		return own
	}
	uid := c.in.Spec.Process.User.UID
	if _, joined := c.ns.join(linux.CLONE_NEWUSER); joined {
		return own
	}
	if !c.ns.isNew(linux.CLONE_NEWUSER) {
		return int(uid)
	}
	for _, m := range c.in.Spec.Linux.UIDMappings {
		if uid >= m.ContainerID && uid-m.ContainerID < m.Size {
			return int(m.HostID + uid - m.ContainerID)
		}
	}
	return own
}
