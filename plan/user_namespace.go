package plan

import (
	"syscall"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/program"
)

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
	if !c.keepsGroups() {
		// Denied where the only mapping is one's own id. user_namespaces(7)
		groups := op(program.Setgroups, program.N(0), program.N(0))
		groups.On[0].Errno = syscall.EPERM
		c.b.Add(groups)
	}
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
