package plan

import (
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

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
