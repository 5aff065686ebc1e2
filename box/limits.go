package box

import (
	"github.com/opencontainers/runtime-spec/specs-go"
)

// limits are the resources of a box; nil: none is limited, and it runs where
// its user may make no cgroups as well.
func limits(o *Options) *specs.LinuxResources {
	if o.Memory == 0 && o.CPUs == 0 && o.Pids == 0 {
		return nil
	}
	r := new(specs.LinuxResources)
	if o.Memory != 0 {
		r.Memory = &specs.LinuxMemory{Limit: &o.Memory}
	}
	if o.CPUs != 0 {
		period := uint64(100_000) // the kernel's default, in microseconds
		quota := int64(o.CPUs) * int64(period) / 1000
		r.CPU = &specs.LinuxCPU{Quota: &quota, Period: &period}
	}
	if o.Pids != 0 {
		r.Pids = &specs.LinuxPids{Limit: &o.Pids}
	}
	return r
}
