package cgroup

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/resources"
)

// Apply writes limits, in order. After an error those before it are in force.
func (c *Cgroup) Apply(limits []resources.Write) error {
	for _, w := range limits {
		if err := c.apply(w); err != nil {
			return fmt.Errorf("%s: %w", w.Field, err)
		}
	}
	return nil
}

func (c *Cgroup) apply(w resources.Write) error {
	d, ok := c.dirOf(w.Controller)
	if !ok {
		return &unknownController{w.Controller}
	}
	err := linux.WriteCgroupFile(cwd, d.Name()+"/"+w.File, []byte(w.Value))
	if w.Optional && errors.Is(err, syscall.ENOENT) {
		return nil
	}
	return err
}

// dirOf finds the hierarchy of a controller: what no v1 hierarchy has is in the
// unified one, if there is one.
func (c *Cgroup) dirOf(controller string) (Dir, bool) {
	unified, found := Dir{}, false
	for _, d := range c.dirs {
		if d.V2() {
			unified, found = d, true
		} else if controller != "" && d.Has(controller) {
			return d, true
		}
	}
	return unified, found
}
