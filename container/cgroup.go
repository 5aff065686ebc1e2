package container

import (
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/resources"
)

// makeCgroup makes the cgroup, with its limits.
func (m *making) makeCgroup() error {
	if m.o.NoCgroup {
		if limits := m.plan.Limits; len(limits) > 0 {
			return fmt.Errorf("%s: %w", limits[0].Field, errNoCgroup)
		}
		return nil
	}
	if m.scope != nil {
		return m.makeOwnCgroups()
	}
	cg, err := cgroup.Create(m.dirs)
	if errors.Is(err, cgroup.ErrNoPermission) {
		return m.withoutCgroup(err)
	}
	if err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	m.cgroup = cg
	if err := cg.Apply(m.plan.Limits); err != nil {
		return err
	}
	if err := m.restrictDevices(); err != nil {
		return err
	}
	return m.delegate()
}

func (m *making) restrictDevices() error {
	if m.plan.Devices == nil {
		return nil
	}
	return m.cgroup.SetDevices(m.plan.Devices)
}

// delegate hands a cgroup over to the container, if the plan says so.
func (m *making) delegate() (err error) {
	m.place = m.cgroup
	for _, s := range m.plan.Host {
		if s.Action != plan.Delegate {
			continue
		}
		if m.place, err = m.cgroup.Delegate(s.Name, s.Value); err != nil {
			return fmt.Errorf("%s: %w", s.Field, err)
		}
	}
	return nil
}

// withoutCgroup has a container run in keg's own cgroup, where keg may make
// none, unless something was asked for that needs one.
func (m *making) withoutCgroup(err error) error {
	hint := "(hint: leave it out, or start keg in a cgroup that is delegated to the user: systemd-run --user --scope -p Delegate=yes keg ...)"
	if len(m.dirs) > 1 {
		hint = "(hint: leave it out; cgroup v1 has it for root, and for a user who owns the cgroup that keg is in, in every hierarchy)"
	}
	if errors.Is(err, syscall.EROFS) { // as a container that runs containers has it from most engines
		hint = "(hint: cgroups are mounted read-only here: have them mounted without ro, in a cgroup namespace of its own)"
	}
	field := ""
	limit := slices.IndexFunc(m.plan.Limits, func(w resources.Write) bool { return !w.Optional })
	switch {
	case m.spec.Linux != nil && m.spec.Linux.CgroupsPath != "":
		field = "linux.cgroupsPath"
	case limit >= 0:
		field = m.plan.Limits[limit].Field
	case m.plan.Devices != nil && m.plan.Devices.Listed():
		field = devices.Field
	case m.spec.Annotations[plan.AnnotationDelegate] != "":
		field = "annotations." + plan.AnnotationDelegate
	case m.o.NeedCgroup:
		return fmt.Errorf("--rootless=false: %w", err)
	default:
		if m.plan.Devices != nil {
			m.o.warn("%s: all devices can be used: %v", devices.Field, err)
		}
		m.state.Cgroups = nil
		return m.dir.Write(m.state)
	}
	return fmt.Errorf("%s: %w %s", field, err, hint)
}
