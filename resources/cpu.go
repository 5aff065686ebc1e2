package resources

import (
	"math"
	"strconv"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// cpu: runtime-spec config-linux.md#cpu. Engines write 0 and "" where nothing
// is asked for.
func (c *compiler) cpu(r *oci.LinuxCPU) {
	if r == nil {
		return
	}
	c.shares(r)
	c.bandwidth(value(r.Quota), value(r.Period))
	if r.Burst != nil { // once there is a quota: it may not be above it
		v := strconv.FormatUint(*r.Burst, 10)
		c.set("linux.resources.cpu.burst", "cpu",
			Write{File: "cpu.cfs_burst_us", Value: v, Optional: *r.Burst == 0},
			Write{File: "cpu.max.burst", Value: v, Optional: *r.Burst == 0})
	}
	c.realtime(value(r.RealtimeRuntime), value(r.RealtimePeriod))
	if r.Idle != nil {
		w := Write{File: "cpu.idle", Value: number(*r.Idle), Optional: *r.Idle == 0}
		c.set("linux.resources.cpu.idle", "cpu", w, w)
	}
	c.cpuset("linux.resources.cpu.cpus", "cpuset.cpus", r.Cpus)
	c.cpuset("linux.resources.cpu.mems", "cpuset.mems", r.Mems)
}

// shares: what is idle has no weight, and the kernel refuses to give it one.
func (c *compiler) shares(r *oci.LinuxCPU) {
	if shares := value(r.Shares); shares != 0 && value(r.Idle) != 1 {
		c.set("linux.resources.cpu.shares", "cpu",
			Write{File: "cpu.shares", Value: strconv.FormatUint(shares, 10)},
			Write{File: "cpu.weight", Value: strconv.Itoa(Weight(shares))})
	}
}

// Weight converts v1's shares (2 to 262144, by default 1024) to a weight of v2
// (1 to 10000, by default 100). Ends and defaults meet; between them the
// exponent is a quadratic function, that of runc and crun since 2025.
func Weight(shares uint64) int {
	const least, most = 2, 262144
	l := math.Log2(float64(min(max(shares, least), most)))
	exponent := (l*l+125*l)/612 - 7.0/34
	return min(int(math.Ceil(math.Pow(10, exponent))), 10000)
}

// bandwidth: a quota without a period is one for the period in force, by
// default 100 ms, and a period without a quota leaves the quota.
func (c *compiler) bandwidth(quota int64, period uint64) {
	const field = "linux.resources.cpu."
	p := strconv.FormatUint(period, 10)
	switch {
	case quota == 0 && period == 0:
	case quota < 0 && period == 0:
		c.set(field+"quota", "cpu", Write{File: "cpu.cfs_quota_us", Value: "-1", Optional: true},
			Write{File: "cpu.max", Value: "max", Optional: true})
	case quota == 0:
		c.set(field+"period", "cpu", Write{File: "cpu.cfs_period_us", Value: p}, Write{File: "cpu.max", Value: "max " + p, Keep: true})
	case period == 0:
		c.set(field+"quota", "cpu", Write{File: "cpu.cfs_quota_us", Value: number(quota)}, Write{File: "cpu.max", Value: number(quota)})
	case c.version(field+"quota", "cpu") == 1:
		c.write(field+"period", "cpu", "cpu.cfs_period_us", p)
		c.write(field+"quota", "cpu", "cpu.cfs_quota_us", number(quota))
	case c.at("cpu") == 2:
		c.write(field+"quota", "cpu", "cpu.max", orMax(quota)+" "+p)
	}
}

// realtime: v1 alone has it, and only some kernels.
func (c *compiler) realtime(runtime int64, period uint64) {
	if period != 0 {
		c.set("linux.resources.cpu.realtimePeriod", "cpu",
			Write{File: "cpu.rt_period_us", Value: strconv.FormatUint(period, 10)}, Write{})
	}
	if runtime != 0 {
		c.set("linux.resources.cpu.realtimeRuntime", "cpu", Write{File: "cpu.rt_runtime_us", Value: number(runtime)}, Write{})
	}
}

func (c *compiler) cpuset(field, file, list string) {
	if list != "" {
		w := Write{File: file, Value: list}
		c.set(field, "cpuset", w, w)
	}
}
