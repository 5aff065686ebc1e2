package box

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// limits are the resources of a box; nil: none is limited, and it runs where
// its user may make no cgroups as well.
func limits(o *Options) (*specs.LinuxResources, error) {
	if o.Memory == "" && o.CPUs == "" && o.Pids == "" {
		return nil, nil
	}
	r := new(specs.LinuxResources)
	for _, flag := range []struct {
		name, value string
		set         func(*specs.LinuxResources, string) error
	}{{"memory", o.Memory, setMemory}, {"cpus", o.CPUs, setCPUs}, {"pids", o.Pids, setPids}} {
		if flag.value == "" {
			continue
		}
		if err := flag.set(r, flag.value); err != nil {
			return nil, fmt.Errorf("--%s %s: %w", flag.name, flag.value, err)
		}
	}
	return r, nil
}

// setMemory reads a number of bytes, or of KiB, MiB, GiB or TiB.
func setMemory(r *specs.LinuxResources, size string) error {
	const units = "bkmgt"
	digits, unit := size, 0
	if i := strings.IndexByte(units, size[len(size)-1]|0x20); i >= 0 {
		digits, unit = size[:len(size)-1], i
	}
	n, err := strconv.ParseUint(digits, 10, 63-10*unit)
	if err != nil {
		return errors.New("must be a number of bytes, or one with k, m, g or t behind it: 64m")
	}
	const least = 1 << 20
	bytes := int64(n << (10 * unit))
	if bytes < least {
		return errors.New("no program starts in less than 1m")
	}
	r.Memory = &specs.LinuxMemory{Limit: &bytes}
	return nil
}

// setCPUs reads how many processors' time there may be used.
func setCPUs(r *specs.LinuxResources, cpus string) error {
	const period, least = 100_000, 1000 // the kernel's default and its minimum, in microseconds
	n, err := strconv.ParseFloat(cpus, 64)
	if err != nil || strings.Trim(cpus, "0123456789.") != "" || n > 1e6 {
		return errors.New("must be a number of processors: 2, or 0.5")
	}
	quota, p := int64(math.Round(n*period)), uint64(period)
	if quota < least {
		return errors.New("the kernel limits to 0.01 processors at least")
	}
	r.CPU = &specs.LinuxCPU{Quota: &quota, Period: &p}
	return nil
}

func setPids(r *specs.LinuxResources, pids string) error {
	n, err := strconv.ParseUint(pids, 10, 31)
	if err != nil || n == 0 {
		return errors.New("must be a number of processes and threads, 1 at least")
	}
	limit := int64(n)
	r.Pids = &specs.LinuxPids{Limit: &limit}
	return nil
}
