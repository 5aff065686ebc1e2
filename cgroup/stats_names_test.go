package cgroup

import (
	"errors"
	"os"
	"reflect"
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
)

// A container may give its sub-cgroups the names of files that this kernel does
// not have: nothing is counted for those, and the rest is counted as before.
func TestStatsOfHostileNames(t *testing.T) {
	for controllers, names := range map[string][]string{
		"":                      {"hugetlb.2MB.current", "hugetlb.\x1b[2J.current", "memory.swap.peak", "cpu.pressure", "rdma.max", "io.stat"},
		"memory,hugetlb,blkio":  {"hugetlb.2MB.usage_in_bytes", "memory.memsw.usage_in_bytes", "blkio.bfq.io_serviced_recursive"},
		"cpuset,cpuacct,cpu,io": {"cpuset.mems", "cpuacct.usage_all", "cpu.stat"},
	} {
		d := files(t, controllers, nil)
		for _, name := range names {
			if err := os.Mkdir(d.Name()+"/"+name, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := linux.WriteCgroupFile(cwd, d.Name()+"/"+name, []byte("1")); !errors.Is(err, syscall.ENOENT) {
				t.Errorf("write %q: %v", name, err)
			}
		}
		got, err := statsOf(t, d)
		got.Memory.Raw = nil
		if err != nil || !reflect.DeepEqual(got, Stats{Hugetlb: map[string]HugetlbStats{}}) {
			t.Errorf("%q: %+v, %v", controllers, got, err)
		}
	}
}
