package container

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"syscall"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/resources"
	"github.com/keg-project/keg/state"
	"github.com/keg-project/keg/systemd"
	"github.com/keg-project/keg/unit"
)

// scoped is what a container has whose cgroups systemd makes.
type scoped struct {
	scope    *unit.Scope      // nil: keg makes them itself
	manager  *systemd.Manager // nil: nothing is made
	unitDirs []cgroup.Dir     // of the scope, in the hierarchies that are systemd's
}

// NeedsSystemd tells whether keg's user may make no cgroups that can be limited,
// while a systemd manager of the user's can.
func NeedsSystemd() bool {
	l, err := cgroup.Detect()
	if err != nil || l.Mode == cgroup.None || cgroup.Delegated(l) || !systemd.UserManager() {
		return false
	}
	m, err := systemd.Connect(true)
	if err == nil {
		m.Close()
	}
	return err == nil
}

// findScope finds out which unit the container is to be, and where systemd
// will put it.
func (c *compiled) findScope(o *Options, l cgroup.Layout, cgroupsPath string) (err error) {
	user := systemd.UserManager()
	c.scope, err = unit.Of(unit.Config{ID: o.ID, CgroupsPath: cgroupsPath, Annotations: c.spec.Annotations, User: user})
	if err != nil {
		return err
	}
	group, err := c.findManager(o, user)
	if err != nil {
		return err
	}
	at := group + c.scope.Path()
	dirs, err := cgroup.Path(l, at, o.ID)
	if err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	its, _ := cgroup.SplitSystemd(dirs)
	if len(its) == 0 {
		return errors.New("--systemd-cgroup: /sys/fs/cgroup has none of systemd's hierarchies (hint: leave the flag out to have keg manage the cgroups itself)")
	}
	if c.unitDirs = its; user {
		dirs = its // on v1 the others are never a user's
	}
	for _, d := range dirs {
		d.Path = path.Join(d.Path, c.scope.Subgroup)
		c.dirs = append(c.dirs, d)
	}
	return nil
}

// findManager asks the manager for its cgroup. A plan that is only read is made
// without one, too: then it is the usual cgroup.
func (c *compiled) findManager(o *Options, user bool) (group string, err error) {
	m, err := systemd.Connect(user)
	if err == nil {
		if group, err = m.ControlGroup(); err != nil || o.explain {
			m.Close()
		} else {
			c.manager = m
		}
	}
	if err != nil && o.explain {
		return systemd.UsualGroup(user), nil
	}
	return group, err
}

// closeManager ends the connection: as long as there is one, the manager tells
// keg of everything that it does.
func (c *compiled) closeManager() {
	if c != nil && c.manager != nil {
		c.manager.Close()
		c.manager = nil
	}
}

// claim makes sure that the unit is not there already, before it is recorded
// as the container's: what is recorded is stopped by delete.
func (m *making) claim() error {
	if m.scope == nil {
		return nil
	}
	if err := cgroup.Vacant(m.unitDirs); err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	if err := m.manager.Vacant(m.scope.Name); err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	m.state.Unit, m.state.UserUnit = m.scope.Name, m.scope.User
	return nil
}

// makeOwnCgroups makes those in the hierarchies that systemd may have no use for.
func (m *making) makeOwnCgroups() error {
	_, rest := cgroup.SplitSystemd(m.dirs)
	if len(rest) == 0 {
		return nil
	}
	cg, err := cgroup.Create(rest)
	if err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	m.cgroup, m.place = cg, cg
	return nil
}

// enterScope has systemd make the scope around the init, which waits, and
// limits it.
func (m *making) enterScope(pid int) error {
	if m.scope == nil {
		return nil
	}
	m.trace.phase("scope")
	err := m.manager.Start(m.scope.Name, m.scope.Properties(uint32(pid), m.plan.ScopeLimits))
	if errors.Is(err, systemd.ErrExist) { // made by another since claim looked
		m.state.Unit = ""
		err = errors.Join(err, m.dir.Write(m.state))
	}
	if err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	if m.cgroup, err = cgroup.Adopt(m.unitDirs, m.dirs, pid); err != nil {
		return fmt.Errorf("linux.cgroupsPath: %w", err)
	}
	// systemd has written what it has properties for, and less exactly.
	if err := m.cgroup.Apply(m.plan.Limits); err != nil {
		return err
	}
	if err := m.restrictDevices(); err != nil {
		return err
	}
	if err := m.delegate(); err != nil || m.place == m.cgroup {
		return err
	}
	_, err = cgroup.Adopt(nil, m.place.Dirs(), pid)
	return err
}

// stopUnit has systemd stop the container's unit, and forget it. What is in it
// is killed first: systemd would ask it to end, and wait.
func stopUnit(s state.State) error {
	if s.Unit == "" {
		return nil
	}
	cg, err := cgroupOfUnit(s)
	if err != nil {
		return err
	}
	if err := cg.Kill(); err != nil {
		return err
	}
	m, err := systemd.Connect(s.UserUnit)
	if err != nil {
		if gone(cg) {
			return nil // with the user's manager
		}
		return err
	}
	defer m.Close()
	if err := m.Stop(s.Unit); err != nil {
		return err
	}
	return emptyAndRemove(cg, noQuestion) // what was in hierarchies that are not systemd's
}

// cgroupOfUnit are the unit's own cgroups, of which the container's may be
// sub-cgroups.
func cgroupOfUnit(s state.State) (*cgroup.Cgroup, error) {
	dirs := make([]cgroup.Dir, len(s.Cgroups))
	for i, d := range s.Cgroups {
		if at := strings.LastIndex(d.Path, "/"+s.Unit+"/"); at >= 0 {
			d.Path = d.Path[:at+1+len(s.Unit)]
		}
		dirs[i] = cgroup.Dir(d)
	}
	return cgroup.Load(dirs)
}

func gone(cg *cgroup.Cgroup) bool {
	for _, d := range cg.Dirs() {
		var st syscall.Stat_t
		if syscall.Lstat(d.Name(), &st) != syscall.ENOENT {
			return false
		}
	}
	return true
}

// limitUnit tells systemd of limits that were changed, for it would write the
// old ones again whenever it is reloaded. f are those that the limits were
// compiled for.
func limitUnit(s state.State, limits []resources.Write, f resources.Facts) error {
	return setUnit(s, unit.Limits(limits, f))
}

func setUnit(s state.State, properties []unit.Property) error {
	if s.Unit == "" || len(properties) == 0 {
		return nil
	}
	m, err := systemd.Connect(s.UserUnit)
	if err != nil {
		return err
	}
	defer m.Close()
	return m.Set(s.Unit, properties)
}
