package resources

import (
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// memory: runtime-spec config-linux.md#memory: bytes, and -1 for unlimited. A
// limit of 0 is how engines write that there is none.
func (c *compiler) memory(m *oci.LinuxMemory) {
	if m == nil {
		return
	}
	c.memoryLimit(m)
	c.swap(value(m.Limit), value(m.Swap))
	c.reservation(value(m.Reservation))
	c.kernelMemory(m)
	c.reclaim(m)
}

func (c *compiler) memoryLimit(m *oci.LinuxMemory) {
	limit := value(m.Limit)
	if limit == 0 {
		return
	}
	v1 := Write{File: "memory.limit_in_bytes", Value: number(limit), Optional: limit < 0}
	v2 := Write{File: "memory.max", Value: orMax(limit), Optional: limit < 0}
	if m.CheckBeforeUpdate != nil && *m.CheckBeforeUpdate { // v1's kernel refuses it of itself
		v2.NotBelow = "memory.current"
	}
	c.set("linux.resources.memory.limit", "memory", v1, v2)
}

// swap is a limit on memory and swap together, as v1 has it; v2 limits swap
// alone. The sum can bound nothing where memory is unlimited: to v1 that is
// EINVAL. Memory without a limit takes the one on the sum away with it, which
// v1 would not let it exceed.
func (c *compiler) swap(limit, swap int64) {
	const needs = "memory and swap together can be limited only if memory.limit is too"
	field := "linux.resources.memory.swap"
	if swap == 0 && limit < 0 {
		field, swap = "linux.resources.memory.limit", -1
	}
	v1 := Write{File: "memory.memsw.limit_in_bytes", Value: number(swap), Optional: swap < 0}
	v2 := Write{File: "memory.swap.max", Value: orMax(swap), Optional: swap < 0}
	switch {
	case swap == 0:
		return
	case swap > 0 && limit <= 0:
		c.fail(field, needs)
		return
	case swap > 0:
		v2.Value = number(max(swap-limit, 0))
	}
	c.set(field, "memory", v1, v2)
}

// reservation is what is left to the cgroup when memory is short: v1 takes
// first from those that use more than theirs, v2 last from those that do not.
func (c *compiler) reservation(bytes int64) {
	if bytes != 0 {
		c.set("linux.resources.memory.reservation", "memory",
			Write{File: "memory.soft_limit_in_bytes", Value: number(bytes)},
			Write{File: "memory.low", Value: orMax(bytes)})
	}
}

// kernelMemory: Linux 5.16 has no limit on it any more, and the specification
// lets it be ignored; the one on TCP's buffers is v1's.
func (c *compiler) kernelMemory(m *oci.LinuxMemory) {
	if value(m.Kernel) > 0 { //nolint:staticcheck // deprecated, and therefore warned of
		c.warn("linux.resources.memory.kernel", "ignored: kernels have no such limit any more")
	}
	if tcp := value(m.KernelTCP); tcp != 0 {
		c.set("linux.resources.memory.kernelTCP", "memory",
			Write{File: "memory.kmem.tcp.limit_in_bytes", Value: number(tcp), Optional: tcp < 0},
			Write{Optional: tcp < 0})
	}
}

// reclaim are the switches, all of v1.
func (c *compiler) reclaim(m *oci.LinuxMemory) {
	if m.Swappiness != nil {
		c.set("linux.resources.memory.swappiness", "memory",
			Write{File: "memory.swappiness", Value: strconv.FormatUint(*m.Swappiness, 10)}, Write{})
	}
	if disable := m.DisableOOMKiller; disable != nil {
		w := Write{File: "memory.oom_control", Value: "0", Optional: true}
		if *disable {
			w.Value, w.Optional = "1", false
		}
		c.set("linux.resources.memory.disableOOMKiller", "memory", w, Write{Optional: w.Optional})
	}
	if m.UseHierarchy != nil && !*m.UseHierarchy {
		c.fail("linux.resources.memory.useHierarchy", "false is not possible: since Linux 5.11 every cgroup counts with those below it")
	}
}
