package container

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/host"
	"github.com/keg-project/keg/plan"
)

// labelFacts adds what is known of AppArmor and SELinux, for configurations
// that have a label.
func labelFacts(f plan.Facts, s *oci.Spec) plan.Facts {
	p := s.Process
	f.AppArmor = p != nil && p.ApparmorProfile != "" && host.AppArmor()
	f.SELinux = (p != nil && p.SelinuxLabel != "" || s.Linux != nil && s.Linux.MountLabel != "") && host.SELinux()
	return f
}

// facts asks the machine for what the plan depends on. One that is only read
// may be another user's or machine's, so nothing is missing there.
func (c *compiled) facts(o *Options) (plan.Facts, error) {
	machine, err := host.Detect()
	if err != nil {
		return plan.Facts{}, err
	}
	f := planFacts(machine, c.spec)
	if o.NoCgroup {
		c.factsWithoutCgroup(&f)
	} else if err := c.cgroupFacts(&f, machine); err != nil {
		return f, err
	}
	if c.spec.Linux != nil {
		f.Resources.HugePages = hugePages(c.spec.Linux.Resources)
	}
	if o.explain {
		f.AppArmor, f.SELinux = true, true
	}
	if o.explain && !o.NoCgroup {
		f.Resources.V2 = slices.AppendSeq(f.Resources.V2, maps.Keys(f.Resources.Kept))
	}
	return f, nil
}

func (c *compiled) cgroupFacts(f *plan.Facts, machine host.Facts) (err error) {
	f.CgroupMounts = cgroupMounts(c.dirs)
	f.Devices = deviceFacts(machine, c.dirs)
	if f.Resources, err = cgroup.Controllers(c.dirs); err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	return nil
}

// deviceFacts: without CAP_SYS_ADMIN nothing of the cgroups can be used.
func deviceFacts(machine host.Facts, dirs []cgroup.Dir) devices.Facts {
	f := devices.Facts{Privileged: machine.SysAdmin}
	if f.Privileged {
		f.Control = cgroup.DeviceControl(dirs)
	}
	return f
}

func planFacts(f host.Facts, s *oci.Spec) plan.Facts {
	return labelFacts(plan.Facts{UID: f.UID, GID: f.GID, Privileged: f.Privileged, Mknod: f.Mknod, LastCap: f.LastCap, Withheld: f.Withheld, Initramfs: f.Initramfs}, s)
}

// hugePages are the sizes that limits may be for, asked only when some are.
func hugePages(r *oci.LinuxResources) []string {
	if r == nil || len(r.HugepageLimits) == 0 {
		return nil
	}
	return host.HugePages()
}

// cgroupMounts are the container's cgroups as a cgroup mount shows them.
func cgroupMounts(dirs []cgroup.Dir) []plan.CgroupMount {
	list := make([]plan.CgroupMount, len(dirs))
	for i, d := range dirs {
		m := plan.CgroupMount{Name: filepath.Base(d.Mount), Path: d.Name(), Unified: d.V2(), Options: d.Controllers}
		switch {
		case m.Unified && len(dirs) == 1:
			m.Name = "" // pure v2: the mount itself
		case m.Unified:
		case strings.HasPrefix(d.Controllers, "name="):
			m.Options = "none," + d.Controllers
		default:
			m.Controllers = strings.Split(d.Controllers, ",")
		}
		list[i] = m
	}
	slices.SortFunc(list, func(a, b plan.CgroupMount) int { return strings.Compare(a.Name, b.Name) })
	return list
}
