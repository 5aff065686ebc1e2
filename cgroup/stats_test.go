package cgroup

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// files makes a directory that has these files, as a cgroup of a hierarchy.
func files(t testing.TB, controllers string, content map[string]string) Dir {
	t.Helper()
	mount := t.TempDir()
	d := Dir{Controllers: controllers, Mount: mount, Path: "/c"}
	if err := os.Mkdir(d.Name(), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range content {
		if err := os.WriteFile(filepath.Join(d.Name(), name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func statsOf(t testing.TB, dirs ...Dir) (Stats, error) {
	t.Helper()
	c, err := Load(dirs)
	if err != nil {
		t.Fatal(err)
	}
	return c.Stats()
}

var pressureFile = "some avg10=1.50 avg60=0.25 avg300=0.01 total=1234\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=77\n"

var pressure = Pressure{Some: Stall{1.5, 0.25, 0.01, 1234}, Full: Stall{Total: 77}}

func TestStatsV2(t *testing.T) {
	got, err := statsOf(t, files(t, "", map[string]string{
		"cpu.stat":                 "usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\nnice_usec 0\nnr_periods 10\nnr_throttled 4\nthrottled_usec 700\nnr_bursts 0\nburst_usec 0\n",
		"cpu.pressure":             pressureFile,
		"memory.stat":              "anon 4096\nfile 8192\n",
		"memory.current":           "16384\n",
		"memory.max":               "65536\n",
		"memory.peak":              "20000\n",
		"memory.swap.current":      "1000\n",
		"memory.swap.max":          "4464\n",
		"memory.swap.peak":         "3000\n",
		"memory.pressure":          pressureFile,
		"pids.current":             "3\n",
		"pids.max":                 "17\n",
		"io.stat":                  "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0\n253:0 \n8:0 rbytes=1 wbytes=2 rios=3 wios=4 cost.usage=5\n",
		"io.pressure":              pressureFile,
		"hugetlb.2MB.current":      "1\n",
		"hugetlb.2MB.rsvd.current": "2097152\n",
		"hugetlb.2MB.rsvd.events":  "max 2\n",
		"hugetlb.1GB.current":      "1073741824\n",
		"hugetlb.1GB.events":       "max 0\n",
		"hugetlb.1GB.events.local": "max 9\n",
		"rdma.current":             "mlx4_0 hca_handle=1 hca_object=20\n",
		"rdma.max":                 "mlx4_0 hca_handle=2 hca_object=max\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	p := pressure
	want := Stats{
		CPU: CPUStats{Total: 5000000, User: 3000000, Kernel: 2000000, Periods: 10, ThrottledPeriods: 4, ThrottledTime: 700000, Pressure: &p},
		Memory: MemoryStats{
			Cache: 8192, Usage: MemoryUsage{Limit: 65536, Usage: 16384, Max: 20000}, Swap: MemoryUsage{Limit: 70000, Usage: 17384},
			Raw: map[string]uint64{"anon": 4096, "file": 8192}, Pressure: &p,
		},
		Pids: PidsStats{3, 17},
		Blkio: BlkioStats{
			ServiceBytes: []BlkioEntry{{8, 16, "Read", 1459200}, {8, 16, "Write", 314773504}, {8, 0, "Read", 1}, {8, 0, "Write", 2}},
			Serviced:     []BlkioEntry{{8, 16, "Read", 192}, {8, 16, "Write", 353}, {8, 0, "Read", 3}, {8, 0, "Write", 4}},
			Pressure:     &p,
		},
		Hugetlb: map[string]HugetlbStats{"2MB": {Usage: 2097152, Failcnt: 2}, "1GB": {Usage: 1073741824}},
		RDMA:    RDMAStats{Limit: []RDMAEntry{{"mlx4_0", 2, math.MaxUint32}}, Current: []RDMAEntry{{"mlx4_0", 1, 20}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestStatsV1(t *testing.T) {
	got, err := statsOf(t,
		files(t, "cpu,cpuacct", map[string]string{
			"cpu.stat":             "nr_periods 10\nnr_throttled 4\nthrottled_time 700\nwait_sum 5\n",
			"cpuacct.stat":         "user 3\nsystem 2\n",
			"cpuacct.usage":        "51234567\n",
			"cpuacct.usage_percpu": "50000000 1234567 \n",
			"cpuacct.usage_all":    "cpu user system\n0 30000000 20000000\n1 1000000 234567\n",
		}),
		files(t, "cpuset", map[string]string{
			"cpuset.cpus": "0-2,7\n", "cpuset.mems": "0\n", "cpuset.sched_relax_domain_level": "-1\n", "cpuset.sched_load_balance": "1\n",
			"cpuset.memory_pressure": "12\n", "cpuset.memory_migrate": "1\n",
		}),
		files(t, "memory", map[string]string{
			"memory.stat":           "cache 8192\ntotal_cache 9000\n",
			"memory.limit_in_bytes": "65536\n", "memory.usage_in_bytes": "16384\n", "memory.max_usage_in_bytes": "20000\n", "memory.failcnt": "6\n",
			"memory.memsw.limit_in_bytes": "9223372036854771712\n", "memory.memsw.usage_in_bytes": "16385\n",
			"memory.kmem.usage_in_bytes": "100\n", "memory.kmem.tcp.usage_in_bytes": "7\n",
		}),
		files(t, "pids", map[string]string{"pids.current": "3\n", "pids.max": "max\n"}),
		files(t, "blkio", map[string]string{
			"blkio.throttle.io_service_bytes_recursive": "8:0 Read 100\n8:0 Total 100\nTotal 100\n",
			"blkio.throttle.io_serviced_recursive":      "8:0 Read 5\nTotal 5\n",
			"blkio.bfq.io_serviced_recursive":           "Total 0\n",
		}),
		files(t, "hugetlb", map[string]string{
			"hugetlb.2MB.usage_in_bytes": "2097152\n", "hugetlb.2MB.max_usage_in_bytes": "4194304\n", "hugetlb.2MB.failcnt": "1\n",
		}),
		files(t, "", map[string]string{"cpu.pressure": pressureFile}),
	)
	if err != nil {
		t.Fatal(err)
	}
	p := pressure
	want := Stats{
		CPU: CPUStats{
			Total: 51234567, User: 30000000, Kernel: 20000000, Periods: 10, ThrottledPeriods: 4, ThrottledTime: 700,
			Percpu: []uint64{50000000, 1234567}, PercpuUser: []uint64{30000000, 1000000}, PercpuKernel: []uint64{20000000, 234567}, Pressure: &p,
		},
		CPUSet: CPUSetStats{CPUs: []uint16{0, 1, 2, 7}, Mems: []uint16{0}, SchedRelaxDomainLevel: -1, SchedLoadBalance: 1, MemoryPressure: 12, MemoryMigrate: 1},
		Memory: MemoryStats{
			Cache: 8192, Usage: MemoryUsage{65536, 16384, 20000, 6}, Swap: MemoryUsage{Limit: 9223372036854771712, Usage: 16385},
			Kernel: MemoryUsage{Usage: 100}, KernelTCP: MemoryUsage{Usage: 7}, Raw: map[string]uint64{"cache": 8192, "total_cache": 9000},
		},
		Pids: PidsStats{Current: 3},
		Blkio: BlkioStats{
			ServiceBytes: []BlkioEntry{{8, 0, "Read", 100}, {8, 0, "Total", 100}},
			Serviced:     []BlkioEntry{{8, 0, "Read", 5}},
		},
		Hugetlb: map[string]HugetlbStats{"2MB": {2097152, 4194304, 1}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestStatsBFQ(t *testing.T) {
	got, err := statsOf(t, files(t, "blkio", map[string]string{
		"blkio.bfq.io_serviced_recursive":           "8:0 Read 5\nTotal 5\n",
		"blkio.bfq.io_service_bytes_recursive":      "8:0 Read 512\nTotal 512\n",
		"blkio.bfq.io_service_time_recursive":       "8:0 Read 9\nTotal 9\n",
		"blkio.bfq.sectors_recursive":               "8:0 1\n",
		"blkio.throttle.io_service_bytes_recursive": "8:0 Read 100\nTotal 100\n",
	}))
	want := BlkioStats{
		Serviced: []BlkioEntry{{8, 0, "Read", 5}}, ServiceBytes: []BlkioEntry{{8, 0, "Read", 512}},
		ServiceTime: []BlkioEntry{{8, 0, "Read", 9}}, Sectors: []BlkioEntry{{8, 0, "", 1}},
	}
	if err != nil || !reflect.DeepEqual(got.Blkio, want) {
		t.Errorf("%+v, %v; want %+v", got.Blkio, err, want)
	}
}

// Without limits, and where swap is not counted.
func TestStatsUnlimited(t *testing.T) {
	got, err := statsOf(t, files(t, "", map[string]string{
		"memory.max": "max\n", "memory.current": "5\n", "memory.swap.max": "max\n", "memory.swap.current": "1\n", "pids.max": "max\n",
	}))
	if err != nil || got.Memory.Usage.Limit != math.MaxUint64 || got.Memory.Swap != (MemoryUsage{Limit: math.MaxUint64, Usage: 6}) || got.Pids.Limit != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = statsOf(t, files(t, "", map[string]string{"memory.max": "100\n", "memory.current": "5\n"}))
	if err != nil || got.Memory.Swap != (MemoryUsage{Limit: 100, Usage: 5}) {
		t.Errorf("%+v, %v", got.Memory.Swap, err)
	}
}

// What is not there counts as nothing: a controller, a file, the cgroup.
func TestStatsOfNothing(t *testing.T) {
	removed := files(t, "", nil)
	if err := os.Remove(removed.Name()); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]Dir{"empty": files(t, "", nil), "removed": removed, "v1": files(t, "memory,cpu,cpuacct,blkio,hugetlb,cpuset,pids", nil)} {
		got, err := statsOf(t, d)
		got.Memory.Raw = nil
		if err != nil || !reflect.DeepEqual(got, Stats{Hugetlb: map[string]HugetlbStats{}}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestStatsMalformed(t *testing.T) {
	for name, tt := range map[string]struct{ controllers, text string }{
		"cpu.stat":                             {"", "usage_usec\n"},
		"memory.stat":                          {"", "anon many\n"},
		"memory.current":                       {"", "1 2\n"},
		"io.stat":                              {"", "8:0 rbytes=x\n"},
		"cpu.pressure":                         {"", "some avg10=NaN total=1\n"},
		"memory.pressure":                      {"", "full avg10=0.00 total=\n"},
		"rdma.max":                             {"", "mlx4_0 hca_handle=-1\n"},
		"cpuset.cpus":                          {"cpuset", "3-1\n"},
		"cpuset.mems":                          {"cpuset", "0-99999999\n"},
		"cpuacct.usage_all":                    {"cpuacct", "0 x 1\n"},
		"blkio.throttle.io_serviced_recursive": {"blkio", "8 Read 1\n"},
	} {
		d := files(t, tt.controllers, map[string]string{name: tt.text})
		_, err := statsOf(t, d)
		if err == nil || !strings.HasPrefix(err.Error(), "read "+d.Name()+"/"+name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := statsOf(t, files(t, "pids", map[string]string{"pids.current": "-1\n"})); err != nil || got.Pids.Current != 0 {
		t.Errorf("a counter below zero: %+v, %v", got.Pids, err)
	}
}

func FuzzStats(f *testing.F) {
	f.Add("8:0 rbytes=1 wbytes=2\n")
	f.Add(pressureFile)
	f.Add("0-3,7\n")
	f.Add("cpu user system\n0 1 2\n")
	f.Add("mlx4_0 hca_handle=2 hca_object=max\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := statReader{dir: t.TempDir(), fd: -1}
		if err := os.WriteFile(r.dir+"/f", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file := r.dir + "/f"
		r.keyed(file)
		r.number(file)
		r.numbers(file)
		r.pressure(file)
		r.blkio(file)
		r.rdma(file)
		if list := r.list(file); len(list) > 1<<16 && !strings.Contains(text, ",") {
			t.Errorf("%d numbers", len(list))
		}
	})
}
