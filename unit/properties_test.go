package unit

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/resources"
)

func line(list []Property) string {
	var words []string
	for _, p := range list {
		words = append(words, p.Name+"="+p.Text())
	}
	return strings.Join(words, " ")
}

func TestLimits(t *testing.T) {
	for _, tt := range []struct{ files, want string }{
		{"", ""},
		{"memory.max=1048576;memory.swap.max=max;memory.high=5;memory.low=7;memory.min=8", "MemoryMax=1048576 MemorySwapMax=infinity MemoryHigh=5 MemoryLow=7 MemoryMin=8"},
		{"memory.max=1;memory.max=2", "MemoryMax=2"}, // the later of the two: unified's
		{"memory.swap.max=0", "MemorySwapMax=0"},
		{"pids.max=max", "TasksMax=infinity"},
		{"cpu.weight=79;cpu.idle=1", "CPUWeight=0"},
		{"cpu.weight=79;cpu.idle=0", "CPUWeight=79"},
		{"cpu.max=50000 100000", "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=500000"},
		{"cpu.max=12345 100000", "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=130000"},
		{"cpu.max=2000 1000", "CPUQuotaPeriodUSec=1000 CPUQuotaPerSecUSec=2000000"},
		{"cpu.max=5000", "CPUQuotaPerSecUSec=50000"},
		{"cpu.max=max 20000", "CPUQuotaPeriodUSec=20000 CPUQuotaPerSecUSec=infinity"},
		{"cpu.max=max", "CPUQuotaPerSecUSec=infinity"},
		{"cpuset.cpus=0-2,9;cpuset.mems=0", "AllowedCPUs=[7, 2] AllowedMemoryNodes=[1]"},
		{"cpuset.cpus=", ""},
		{"cpuset.cpus=3-1", ""},
		{"cpuset.cpus=0-999999999", ""},
		{"io.weight=default 250", "IOWeight=250"},
		{"io.weight=8:0 250", ""},
		{"io.bfq.weight=1000", "IOWeight=10000"},
		{"io.weight=4950;io.bfq.weight=500", "IOWeight=4500"}, // which is 500 again for BFQ
		{"io.bfq.weight=10", "IOWeight=10"},
		{"io.max=8:0 rbps=5;hugetlb.2MB.max=0;memory.oom.group=1;cpu.max.burst=5", ""},
	} {
		if got := line(Limits(writes(tt.files), resources.Facts{Unified: true, V2: []string{"cpuset"}})); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.files, got, tt.want)
		}
	}
}

func TestLimitsV1(t *testing.T) {
	for _, tt := range []struct{ files, want string }{
		{"memory.limit_in_bytes=1048576;memory.memsw.limit_in_bytes=-1", "MemoryLimit=1048576"},
		{"cpu.shares=512;cpu.cfs_period_us=50000;cpu.cfs_quota_us=25000", "CPUShares=512 CPUQuotaPeriodUSec=50000 CPUQuotaPerSecUSec=500000"},
		{"cpu.cfs_quota_us=-1", "CPUQuotaPerSecUSec=infinity"},
		{"blkio.bfq.weight=500;pids.max=9", "BlockIOWeight=500 TasksMax=9"},
		{"cpuset.cpus=0;cpuset.mems=0", ""},
	} {
		if got := line(Limits(writes(tt.files), resources.Facts{V1: []string{"cpuset", "memory"}})); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.files, got, tt.want)
		}
	}
}

func writes(files string) []resources.Write {
	var list []resources.Write
	for f := range strings.SplitSeq(files, ";") {
		name, value, _ := strings.Cut(f, "=")
		controller, _, _ := strings.Cut(name, ".")
		list = append(list, resources.Write{Controller: controller, File: name, Value: value})
	}
	return list
}

// The limits of a configuration all have their property.
func TestLimitsOfResources(t *testing.T) {
	limit := int64(20)
	l, err := resources.Compile(&oci.LinuxResources{Pids: &oci.LinuxPids{Limit: &limit}}, resources.Facts{Unified: true, V2: []string{"pids"}})
	if got := line(Limits(l.Writes, resources.Facts{})); err != nil || got != "TasksMax=20" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestProperties(t *testing.T) {
	s, err := Of(Config{ID: "box", Annotations: map[string]string{
		AnnotationProperty + "DefaultDependencies": "true", AnnotationProperty + "MemoryMax": "uint64 5", AnnotationProperty + "After": "['a']"}})
	if err != nil {
		t.Fatal(err)
	}
	got := line(s.Properties(7, Limits(writes("memory.max=9"), resources.Facts{})))
	const want = `Description="container box" Slice="system.slice" Delegate=true DefaultDependencies=true CollectMode="inactive-or-failed" PIDs=[7] ` +
		`MemoryAccounting=true CPUAccounting=true TasksAccounting=true IOAccounting=true MemoryMax=5 After=["a"]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
