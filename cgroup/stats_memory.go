package cgroup

import "math"

// MemoryStats is the memory in use, in bytes.
type MemoryStats struct {
	Cache     uint64 // pages of files
	Usage     MemoryUsage
	Swap      MemoryUsage // memory and swap together, as v1 counts them
	Kernel    MemoryUsage // v1 alone, as the next
	KernelTCP MemoryUsage
	Raw       map[string]uint64 // memory.stat as it is
	Pressure  *Pressure
}

// MemoryUsage is one kind of memory.
type MemoryUsage struct {
	Limit   uint64
	Usage   uint64
	Max     uint64 // the most that was ever used
	Failcnt uint64 // how often the limit was met; v1 alone
}

func readMemoryV1(r *statReader, s *Stats) {
	m := &s.Memory
	m.Raw = r.keyed("memory.stat")
	m.Cache = m.Raw["cache"]
	m.Usage = r.memoryV1("memory.")
	m.Swap = r.memoryV1("memory.memsw.")
	m.Kernel = r.memoryV1("memory.kmem.")
	m.KernelTCP = r.memoryV1("memory.kmem.tcp.")
}

func (r *statReader) memoryV1(prefix string) MemoryUsage {
	return MemoryUsage{
		Limit:   r.number(prefix + "limit_in_bytes"),
		Usage:   r.number(prefix + "usage_in_bytes"),
		Max:     r.number(prefix + "max_usage_in_bytes"),
		Failcnt: r.number(prefix + "failcnt"),
	}
}

func readMemoryV2(r *statReader, s *Stats) {
	m := &s.Memory
	m.Raw = r.keyed("memory.stat")
	m.Cache = m.Raw["file"]
	m.Usage = r.memoryV2("memory.")
	m.Swap = r.memoryV2("memory.swap.")
	// The most that both together ever were is not known.
	m.Swap.Max = 0
	m.Swap.Usage += m.Usage.Usage
	if m.Swap.Limit = m.Swap.Limit + m.Usage.Limit; m.Swap.Limit < m.Usage.Limit {
		m.Swap.Limit = math.MaxUint64
	}
}

func (r *statReader) memoryV2(prefix string) MemoryUsage {
	return MemoryUsage{
		Limit: r.number(prefix + "max"),
		Usage: r.number(prefix + "current"),
		Max:   r.number(prefix + "peak"), // since Linux 5.19, of swap 6.5
	}
}
