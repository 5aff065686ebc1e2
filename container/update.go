package container

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/devices"
	"github.com/keg-project/keg/resctrl"
	"github.com/keg-project/keg/resources"
	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/state"
	"github.com/keg-project/keg/unit"
)

// UpdateOptions say what changes of a container's limits. What is not set stays
// as it is.
type UpdateOptions struct {
	Resources *oci.LinuxResources
	Schemata  []string // Intel RDT: lines for the schemata of the container's own group
}

// Update changes the limits of a container that has not stopped: all that are
// given or, after an error, none. A paused container stays paused.
func (c *Container) Update(o UpdateOptions) error {
	if o.Resources == nil {
		o.Resources = new(oci.LinuxResources)
	}
	if err := spec.ValidateResources(o.Resources); err != nil {
		return err
	}
	u := updating{Container: c}
	var err error
	if u.dir, u.state, err = c.openFor(state.Update); err != nil {
		return err
	}
	defer u.dir.Close()
	if err := u.compile(o.Resources); err != nil {
		return err
	}
	return u.apply(o.Schemata)
}

// updating is an update that is being made.
type updating struct {
	*Container
	dir        *state.Dir
	state      state.State
	cgroup     *cgroup.Cgroup // nil: the container has none
	facts      resources.Facts
	limits     []resources.Write
	devices    *devices.Set    // nil: as before
	properties []unit.Property // what systemd has to know of them
	swap       int64           // what memory and swap may come to together from now on; 0: as before
	undo       []func() error  // what has been done, if the rest fails
}

// compile finds out what is to be written, and changes nothing.
func (u *updating) compile(r *oci.LinuxResources) (err error) {
	if len(u.state.Cgroups) > 0 {
		if u.cgroup, err = cgroupOf(u.state); err != nil {
			return err
		}
		if u.facts, err = u.cgroup.Facts(); err != nil {
			return err
		}
		u.facts.HugePages = hugePages(r)
	}
	asked := *r
	if asked.Memory, err = u.completeMemory(r.Memory); err != nil {
		return err
	}
	limits, err := resources.Compile(&asked, u.facts)
	if err != nil && u.cgroup == nil {
		return u.noCgroup()
	}
	for _, w := range limits.Warnings {
		u.warn("%s", w)
	}
	u.limits = limits.Writes
	return errors.Join(err, u.compileDevices(r.Devices))
}

func (u *updating) noCgroup() error {
	return noCgroup(state.Update, u.id, "there are no limits to change")
}

// completeMemory asks what is in force. What memory and swap may come to
// together is no value of v2: there it is what was last asked for.
func (u *updating) completeMemory(m *oci.LinuxMemory) (*oci.LinuxMemory, error) {
	if u.cgroup == nil || m == nil || m.Limit == nil && m.Swap == nil {
		return m, nil
	}
	now, err := u.cgroup.MemoryNow()
	if err == nil && slices.Contains(u.facts.V2, "memory") {
		now.Swap, err = u.swapAsked()
	}
	if err != nil {
		return nil, err
	}
	complete, err := resources.CompleteMemory(m, now)
	if err == nil && complete.Swap != nil && *complete.Swap != now.Swap {
		u.swap = *complete.Swap
	}
	return complete, err
}

// swapAsked is memory.swap of the last update that had it, or of create.
func (u *updating) swapAsked() (int64, error) {
	if u.state.MemorySwap != 0 {
		return u.state.MemorySwap, nil
	}
	s, err := recordedSpec(u.dir)
	if err != nil || s.Linux == nil || s.Linux.Resources == nil || s.Linux.Resources.Memory == nil || s.Linux.Resources.Memory.Swap == nil {
		return 0, err
	}
	return *s.Linux.Resources.Memory.Swap, nil
}

// apply changes all or, after an error, nothing.
func (u *updating) apply(schemata []string) error {
	err := u.record()
	if err == nil && len(schemata) > 0 {
		err = u.updateResctrl(schemata)
	}
	if err == nil && len(u.limits) > 0 {
		err = u.updateCgroup()
	}
	if err == nil && u.devices != nil {
		err = u.updateDevices() // the last, since it undoes itself
	}
	if err != nil {
		for _, undo := range slices.Backward(u.undo) {
			err = errors.Join(err, undo())
		}
	}
	return err
}

// updateCgroup has the kernel accept the values first. What systemd then writes
// is what is in force by now, and less exact, so it is written once more.
func (u *updating) updateCgroup() error {
	old, err := u.cgroup.Update(u.limits)
	if err != nil {
		return err // which has undone itself
	}
	u.undo = append(u.undo, func() error { return u.cgroup.Apply(old) })
	if u.state.Unit == "" {
		return nil
	}
	now := u.cgroup.Current(withPeriods(u.limits))
	u.undo = append(u.undo, func() error { return limitUnit(u.state, old, u.facts) })
	if err := limitUnit(u.state, now, u.facts); err != nil {
		return fmt.Errorf("tell systemd the limits of %s: %w", u.state.Unit, err)
	}
	return u.cgroup.Apply(now)
}

// record keeps what the next update has to know.
func (u *updating) record() error {
	if u.swap == 0 && u.devices == nil {
		return nil
	}
	old := u.state
	u.state.MemorySwap = cmp.Or(u.swap, old.MemorySwap)
	u.state.DevicesChanged = old.DevicesChanged || u.devices != nil
	u.undo = append(u.undo, func() error { return stateError(u.dir.Write(old)) })
	return stateError(u.dir.Write(u.state))
}

func (u *updating) updateResctrl(schemata []string) error {
	root, err := resctrl.Find()
	if err != nil {
		return rdtError(err)
	}
	undo, err := resctrl.Group(u.state.Resctrl).Update(root, schemata)
	if err == nil {
		u.undo = append(u.undo, undo)
	}
	return rdtError(err)
}
