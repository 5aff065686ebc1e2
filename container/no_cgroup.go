package container

import (
	"errors"
	"fmt"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/resources"
)

// errNoCgroup is why nothing can be limited: whoever asks for a limit as well
// asks for what contradicts itself.
var errNoCgroup = errors.New("--cgroup-manager disabled: the container has no cgroup of its own")

// stayInCallers is findCgroups for a container without cgroups of its own.
func (c *compiled) stayInCallers(l cgroup.Layout, cgroupsPath string) error {
	field := "linux.cgroupsPath"
	if cgroupsPath == "" {
		if c.spec.Annotations[plan.AnnotationDelegate] == "" {
			c.callers = cgroup.Callers(l)
			return nil
		}
		field = "annotations." + plan.AnnotationDelegate
	}
	return fmt.Errorf("%s: %w", field, errNoCgroup)
}

// factsWithoutCgroup: a mount of the cgroups shows those that it is in, its caller's.
func (c *compiled) factsWithoutCgroup(f *plan.Facts) {
	f.CgroupMounts = cgroupMounts(c.callers)
	f.Devices = devices.Facts{Waived: errNoCgroup.Error()}
	f.Resources = resources.Facts{Unified: len(c.callers) == 1 && c.callers[0].V2(), Kept: map[string]error{}}
	for _, controller := range [...]string{"memory", "cpu", "cpuset", "pids", "io", "blkio", "hugetlb", "net_cls", "net_prio", "rdma"} {
		f.Resources.Kept[controller] = errNoCgroup
	}
}
