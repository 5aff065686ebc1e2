package cgroup

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/keg-project/keg/cpulist"
)

// CPUSetStats is where processes may run and allocate. cgroup-v1/cpusets.rst
type CPUSetStats struct {
	CPUs                  []uint16
	CPUExclusive          uint64
	Mems                  []uint16
	MemHardwall           uint64
	MemExclusive          uint64
	MemoryMigrate         uint64
	MemorySpreadPage      uint64
	MemorySpreadSlab      uint64
	MemoryPressure        uint64
	SchedLoadBalance      uint64
	SchedRelaxDomainLevel int64
}

func readCPUSetV1(r *statReader, s *Stats) {
	c := &s.CPUSet
	c.CPUs = r.list("cpuset.cpus")
	c.Mems = r.list("cpuset.mems")
	for file, value := range map[string]*uint64{
		"cpu_exclusive": &c.CPUExclusive, "mem_hardwall": &c.MemHardwall, "mem_exclusive": &c.MemExclusive,
		"memory_migrate": &c.MemoryMigrate, "memory_spread_page": &c.MemorySpreadPage, "memory_spread_slab": &c.MemorySpreadSlab,
		"memory_pressure": &c.MemoryPressure, "sched_load_balance": &c.SchedLoadBalance,
	} {
		*value = r.number("cpuset." + file)
	}
	const level = "cpuset.sched_relax_domain_level" // -1 is the system's default
	if text := strings.TrimSpace(r.text(level)); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			r.fail(level, err)
		}
		c.SchedRelaxDomainLevel = n
	}
}

// list reads numbers and ranges of them: "0-3,8".
func (r *statReader) list(file string) []uint16 {
	text := strings.TrimSpace(r.text(file))
	if text == "" {
		return nil
	}
	list, ok := cpulist.Parse(text)
	if !ok {
		r.fail(file, fmt.Errorf("%q is not a list of numbers", text))
	}
	var numbers []uint16
	for n := range list.Numbers() {
		numbers = append(numbers, uint16(n))
	}
	return numbers
}
