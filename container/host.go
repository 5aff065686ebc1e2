package container

import (
	"path/filepath"
	"slices"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
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

func planFacts(f host.Facts, s *oci.Spec) plan.Facts {
	return labelFacts(plan.Facts{UID: f.UID, GID: f.GID, Privileged: f.Privileged, Mknod: f.Mknod, LastCap: f.LastCap, Initramfs: f.Initramfs}, s)
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
		if strings.HasPrefix(d.Controllers, "name=") {
			m.Options = "none," + d.Controllers
		} else if !m.Unified {
			m.Controllers = strings.Split(d.Controllers, ",")
		}
		if m.Unified {
			m.Options = ""
		}
		if m.Unified && len(dirs) == 1 {
			m.Name = "" // pure v2: the mount itself
		}
		list[i] = m
	}
	slices.SortFunc(list, func(a, b plan.CgroupMount) int { return strings.Compare(a.Name, b.Name) })
	return list
}
