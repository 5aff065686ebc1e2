package spec

import (
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

var namespaceTypes = []oci.LinuxNamespaceType{
	oci.PIDNamespace, oci.NetworkNamespace, oci.MountNamespace, oci.IPCNamespace,
	oci.UTSNamespace, oci.UserNamespace, oci.CgroupNamespace, oci.TimeNamespace,
}

// has reports whether the container has a namespace that is not the caller's,
// a new one or another's. (Whether a path leads to the caller's own is not
// known here.)
func (c *checker) has(t oci.LinuxNamespaceType) bool {
	return slices.ContainsFunc(c.namespaces, func(n oci.LinuxNamespace) bool { return n.Type == t })
}

func (c *checker) hasNew(t oci.LinuxNamespaceType) bool {
	return slices.Contains(c.namespaces, oci.LinuxNamespace{Type: t})
}

// config-linux.md#namespaces
func (c *checker) namespaceList(linux *path) {
	p := linux.field("namespaces")
	for i, v := range c.namespaces {
		e := p.at(i)
		kind, file := e.field("type"), e.field("path")
		same := func(n oci.LinuxNamespace) bool { return n.Type == v.Type }
		if oneOf(c, &kind, v.Type, namespaceTypes) && slices.ContainsFunc(c.namespaces[:i], same) {
			c.bad(&kind, "a second "+quote(string(v.Type)), "one namespace of each type")
		}
		if v.Path != "" {
			c.absolute(&file, v.Path)
		}
	}
}

// userMappings may come with a user namespace that is joined: containerd and
// CRI-O send both. Whether they are that namespace's own is for the host side
// to check.
func (c *checker) userMappings(linux *path, v *oci.Linux) {
	uids, gids := linux.field("uidMappings"), linux.field("gidMappings")
	c.bothMappings(&uids, &gids, v.UIDMappings, v.GIDMappings)
	if c.has(oci.UserNamespace) {
		return
	}
	for _, m := range []struct {
		p    *path
		list []oci.LinuxIDMapping
	}{{&uids, v.UIDMappings}, {&gids, v.GIDMappings}} {
		if len(m.list) > 0 {
			c.bad(m.p, "mappings", "none without a namespace of type user")
		}
	}
}

// bothMappings: user ids without group ids leave a process whose group is
// nobody's, and the other way round.
func (c *checker) bothMappings(uids, gids *path, u, g []oci.LinuxIDMapping) {
	c.mappings(uids, u)
	c.mappings(gids, g)
	if len(u) > 0 && len(g) == 0 {
		c.missing(gids, "mappings, as uidMappings has some")
	}
	if len(g) > 0 && len(u) == 0 {
		c.missing(uids, "mappings, as gidMappings has some")
	}
}

// mappings: the kernel refuses these with EINVAL, newuidmap(1) in words of its own.
func (c *checker) mappings(p *path, list []oci.LinuxIDMapping) {
	for i, m := range list {
		e := p.at(i)
		size := e.field("size")
		if m.Size == 0 {
			c.bad(&size, "0", "1 or more")
			continue
		}
		c.mappingEnd(&e, "containerID", m.ContainerID, m.Size)
		c.mappingEnd(&e, "hostID", m.HostID, m.Size)
		for j, o := range list[:i] {
			c.overlap(&e, p.at(j), "containerID", m.ContainerID, m.Size, o.ContainerID, o.Size)
			c.overlap(&e, p.at(j), "hostID", m.HostID, m.Size, o.HostID, o.Size)
		}
	}
}

// mappingEnd: id 4294967295 means "no id".
func (c *checker) mappingEnd(e *path, field string, id, size uint32) {
	if last := uint64(id) + uint64(size) - 1; last > 1<<32-2 {
		p := e.field(field)
		c.bad(&p, decimal(id)+" to "+decimal(last), "ids up to 4294967294")
	}
}

func (c *checker) overlap(e *path, other path, field string, id, size, otherID, otherSize uint32) {
	end, otherEnd := uint64(id)+uint64(size), uint64(otherID)+uint64(otherSize)
	if uint64(id) < otherEnd && uint64(otherID) < end {
		p := e.field(field)
		c.bad(&p, decimal(id)+" to "+decimal(end-1),
			"ids outside those of "+other.String()+", "+decimal(otherID)+" to "+decimal(otherEnd-1))
	}
}

var clocks = []string{"monotonic", "boottime"}

// timeOffsets can only be written before the first process is in the
// namespace: with one that is joined they would be ignored.
func (c *checker) timeOffsets(linux *path, offsets map[string]oci.LinuxTimeOffset) {
	if len(offsets) == 0 {
		return
	}
	p := linux.field("timeOffsets")
	if !c.hasNew(oci.TimeNamespace) {
		c.bad(&p, "offsets", "none without a new namespace of type time")
	}
	for _, clock := range sortedKeys(offsets) {
		e := p.key(clock)
		nanosecs := e.field("nanosecs")
		oneOf(c, &e, clock, clocks)
		between(c, &nanosecs, offsets[clock].Nanosecs, 0, 999_999_999)
	}
}
