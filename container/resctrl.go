package container

import (
	"fmt"
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/resctrl"
	"github.com/keg-project/keg/state"
)

// findResctrl finds out where linux.intelRdt puts the container. Nothing is
// made, nor read where the configuration has no such section.
func (c *compiled) findResctrl(id string) error {
	r := rdtOf(c.spec)
	if r == nil {
		return nil
	}
	root, err := resctrl.Find()
	if err != nil {
		return rdtError(err)
	}
	group, err := resctrl.Plan(root, resctrl.Config{ID: id, Class: r.ClosID, Schemata: schemata(r), Monitor: r.EnableMonitoring})
	c.resctrlRoot, c.resctrl = root, group
	return rdtError(err)
}

func rdtOf(s *oci.Spec) *oci.LinuxIntelRdt {
	if s.Linux == nil {
		return nil
	}
	return s.Linux.IntelRdt
}

// schemata are the lines in the order in which the specification has them
// written. config-linux.md#intelrdt
func schemata(r *oci.LinuxIntelRdt) []string {
	lines := slices.Concat([]string{r.L3CacheSchema, r.MemBwSchema}, r.Schemata)
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

func rdtError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("linux.intelRdt: %w", err)
}

// makeResctrl makes the group, which is recorded by now. What it could not make
// it has not left either, and may be someone else's.
func (m *making) makeResctrl() error {
	if m.resctrl.Dir == "" {
		return nil
	}
	err := m.resctrl.Make(m.resctrlRoot, schemata(rdtOf(m.spec)))
	if err != nil {
		m.state.Resctrl = state.Resctrl{}
	}
	return rdtError(err)
}
