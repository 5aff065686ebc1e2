package container

import (
	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/resctrl"
	"github.com/keg-project/keg/state"
)

// Stats is what the kernel has counted for a container: CPU time in
// nanoseconds, memory in bytes. The fields say more.
type Stats struct {
	cgroup.Stats
	RDT *RDTStats // nil without linux.intelRdt
}

// The parts of Stats.
type (
	Pressure    = cgroup.Pressure
	Stall       = cgroup.Stall
	MemoryUsage = cgroup.MemoryUsage
	BlkioEntry  = cgroup.BlkioEntry
	RDMAEntry   = cgroup.RDMAEntry
	RDTStats    = resctrl.Stats

	RDTCacheInfo     = resctrl.L3Info
	RDTBandwidthInfo = resctrl.MBInfo
	RDTBandwidth     = resctrl.Bandwidth
)

// Stats reads the statistics of a container that runs or is paused.
func (c *Container) Stats() (Stats, error) {
	s, err := c.measured()
	if err != nil {
		return Stats{}, err
	}
	cg, err := cgroupOf(s)
	if err != nil {
		return Stats{}, err
	}
	stats, err := readStats(cg, resctrl.Group(s.Resctrl))
	if !state.Alive(s.Pid, s.StartTime) { // what was read may be another's, or nothing
		return Stats{}, state.Stopped.Allow(state.Measure, c.id)
	}
	return stats, err
}

func readStats(cg *cgroup.Cgroup, group resctrl.Group) (s Stats, err error) {
	if s.Stats, err = cg.Stats(); err != nil || group.Dir == "" {
		return s, err
	}
	s.RDT, err = group.Stats()
	return s, rdtError(err)
}

// measured is the state of a container whose statistics can be read.
func (c *Container) measured() (state.State, error) {
	s, err := c.readFor(state.Measure)
	if err == nil && len(s.Cgroups) == 0 {
		err = noCgroup(state.Measure, c.id, "nothing is counted for it")
	}
	return s, err
}
