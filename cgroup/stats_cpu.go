package cgroup

import "strings"

// CPUStats is the CPU time that was used and withheld, in nanoseconds.
type CPUStats struct {
	Total, Kernel, User uint64
	Percpu              []uint64 // v1 alone, as the next two
	PercpuKernel        []uint64
	PercpuUser          []uint64
	Periods             uint64 // that a quota was counted in
	ThrottledPeriods    uint64 // those in which it was used up
	ThrottledTime       uint64
	Pressure            *Pressure
}

// clockTick is the unit of cpuacct.stat: USER_HZ is 100 on every architecture
// that keg is for.
const clockTick = 1_000_000_000 / 100

func readCPUV2(r *statReader, s *Stats) {
	stat := r.keyed("cpu.stat")
	s.CPU.Total = stat["usage_usec"] * 1000
	s.CPU.User = stat["user_usec"] * 1000
	s.CPU.Kernel = stat["system_usec"] * 1000
	s.CPU.Periods = stat["nr_periods"]
	s.CPU.ThrottledPeriods = stat["nr_throttled"]
	s.CPU.ThrottledTime = stat["throttled_usec"] * 1000
}

func readThrottlingV1(r *statReader, s *Stats) {
	stat := r.keyed("cpu.stat")
	s.CPU.Periods = stat["nr_periods"]
	s.CPU.ThrottledPeriods = stat["nr_throttled"]
	s.CPU.ThrottledTime = stat["throttled_time"]
}

func readCPUAcctV1(r *statReader, s *Stats) {
	s.CPU.Total = r.number("cpuacct.usage")
	stat := r.keyed("cpuacct.stat")
	s.CPU.User = stat["user"] * clockTick
	s.CPU.Kernel = stat["system"] * clockTick
	s.CPU.Percpu = r.numbers("cpuacct.usage_percpu")
	for line := range strings.Lines(r.text("cpuacct.usage_all")) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[0] == "cpu" { // the heading: cpu user system
			continue
		}
		s.CPU.PercpuUser = append(s.CPU.PercpuUser, r.parse("cpuacct.usage_all", fields[1]))
		s.CPU.PercpuKernel = append(s.CPU.PercpuKernel, r.parse("cpuacct.usage_all", fields[2]))
	}
}
