package container

import (
	"fmt"

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

// measured is the state of a container whose statistics can be read. It takes
// no lock: statistics must come while another command works on the container.
func (c *Container) measured() (state.State, error) {
	dir, err := state.Open(c.root, c.id)
	if err != nil {
		return state.State{}, err
	}
	defer dir.Close()
	s, err := dir.Read()
	if err != nil {
		return state.State{}, err
	}
	f, err := facts(dir, s)
	if err != nil {
		return state.State{}, err
	}
	if err := f.Status().Allow(state.Measure, c.id); err != nil {
		return state.State{}, err
	}
	if len(s.Cgroups) == 0 {
		return state.State{}, fmt.Errorf("cannot measure container %q: it has no cgroup, so nothing is counted for it "+
			"(hint: an ordinary user needs a cgroup that is delegated, as on v2 by: systemd-run --user --scope -p Delegate=yes keg ...)", c.id)
	}
	return s, nil
}
