package resources

import "testing"

func TestCPU(t *testing.T) {
	check(t, []row{
		{`"cpu": {"shares": 512}`, "cpu.shares=512", "cpu.weight=59"},
		{`"cpu": {"quota": 50000}`, "cpu.cfs_quota_us=50000", "cpu.max=50000"},
		{`"cpu": {"period": 50000}`, "cpu.cfs_period_us=50000", "cpu.max=max 50000 keep"},
		{`"cpu": {"quota": 50000, "period": 200000}`, "cpu.cfs_period_us=200000\ncpu.cfs_quota_us=50000", "cpu.max=50000 200000"},
		{`"cpu": {"quota": -1}`, "cpu.cfs_quota_us=-1?", "cpu.max=max?"},
		{`"cpu": {"quota": -1, "period": 200000}`, "cpu.cfs_period_us=200000\ncpu.cfs_quota_us=-1", "cpu.max=max 200000"},
		{`"cpu": {"burst": 10000, "quota": 50000}`,
			"cpu.cfs_quota_us=50000\ncpu.cfs_burst_us=10000", "cpu.max=50000\ncpu.max.burst=10000"},
		{`"cpu": {"burst": 0}`, "cpu.cfs_burst_us=0?", "cpu.max.burst=0?"},
		{`"cpu": {"idle": 1}`, "cpu.idle=1", "cpu.idle=1"},
		{`"cpu": {"idle": 0, "shares": 1024}`, "cpu.shares=1024\ncpu.idle=0?", "cpu.weight=100\ncpu.idle=0?"},
		{`"cpu": {"idle": 1, "shares": 1024}`, "cpu.idle=1", "cpu.idle=1"},
		{`"cpu": {"realtimePeriod": 1000000, "realtimeRuntime": 900000}`,
			"cpu.rt_period_us=1000000\ncpu.rt_runtime_us=900000",
			"error cpu.realtimePeriod: cgroup v2 has nothing like it; leave it out\n" +
				"cpu.realtimeRuntime: cgroup v2 has nothing like it; leave it out"},
		{`"cpu": {"cpus": "0-1", "mems": "0"}`, "cpuset.cpus=0-1\ncpuset.mems=0", "cpuset.cpus=0-1\ncpuset.mems=0"},
	})
}

// The values of runc and crun.
func TestWeight(t *testing.T) {
	for shares, want := range map[uint64]int{
		1: 1, 2: 1, 3: 2, 10: 4, 102: 17, 256: 35, 512: 59, 1000: 99, 1023: 100, 1024: 100, 1025: 101, 2048: 174, 4096: 303,
		10240: 639, 100000: 4340, 131072: 5478, 262143: 10000, 262144: 10000, 300000: 10000,
	} {
		if got := Weight(shares); got != want {
			t.Errorf("%d shares are weight %d, want %d", shares, got, want)
		}
	}
}
