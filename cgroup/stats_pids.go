package cgroup

import "math"

// PidsStats counts processes and their threads.
type PidsStats struct {
	Current uint64
	Limit   uint64 // 0 for none
}

func readPids(r *statReader, s *Stats) {
	s.Pids.Current = r.number("pids.current")
	if s.Pids.Limit = r.number("pids.max"); s.Pids.Limit == math.MaxUint64 {
		s.Pids.Limit = 0
	}
}
