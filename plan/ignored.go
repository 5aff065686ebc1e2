package plan

import (
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// warnIgnored warns of what the configuration asks for and keg leaves out: a
// limit that is silently missing is a hole.
func (c *compiler) warnIgnored() {
	c.limits()
	if s := c.in.Spec; s.VM != nil || s.Windows != nil || s.Solaris != nil || s.ZOS != nil {
		c.warn("config.json", "ignored: the sections for other platforms than Linux")
	}
}

// limits warns of the limits that are asked for: cgroups are made and joined,
// but nothing is written to them yet.
func (c *compiler) limits() {
	l := c.in.Spec.Linux
	if l == nil || l.Resources == nil {
		return
	}
	r := l.Resources
	var names []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"devices", len(r.Devices) > 0},
		{"blockIO", limitsIO(r.BlockIO)},
		{"hugepageLimits", len(r.HugepageLimits) > 0}, {"network", r.Network != nil}, {"rdma", len(r.Rdma) > 0},
		{"unified", len(r.Unified) > 0},
	} {
		if f.set {
			names = append(names, f.name)
		}
	}
	if len(names) == 0 {
		return
	}
	field := names[0]
	if len(names) > 1 {
		field = "{" + strings.Join(names, ",") + "}"
	}
	c.warn("linux.resources."+field, "not applied: keg does not set cgroup limits yet")
}

func limitsIO(r *oci.LinuxBlockIO) bool {
	if r == nil {
		return false
	}
	devices := len(r.WeightDevice) + len(r.ThrottleReadBpsDevice) + len(r.ThrottleWriteBpsDevice) +
		len(r.ThrottleReadIOPSDevice) + len(r.ThrottleWriteIOPSDevice)
	return devices > 0 || weighs(r.Weight) || weighs(r.LeafWeight)
}

func weighs(weight *uint16) bool { return weight != nil && *weight != 0 }
