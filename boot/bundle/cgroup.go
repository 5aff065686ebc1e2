package bundle

import (
	"os"
	"path"
	"slices"

	"github.com/keg-project/keg/cgroup"
	"github.com/keg-project/keg/resources"
)

const cgroupRoot = "/sys/fs/cgroup"

// cgroup makes one entry of cgroups. That one cannot be made is said, and no
// more: so it is with LinuxKit, whose lists name controllers' hierarchies that
// a kernel may lack. A limit that cannot be set is an error.
func (s *setup) cgroup(i int, g *Cgroup) error {
	if g.Limits != nil {
		return s.limitedCgroup(g)
	}
	dirs, err := hierarchies()
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if err := s.undo.makeDir(place{"/", path.Join(dir, g.Path)}); err != nil {
			s.say("%v", s.field(at("cgroups", i), err))
		}
	}
	return nil
}

// hierarchies are the directories in which cgroups are made. On v1 those are
// all that are mounted; what is a link there names one of them again.
func hierarchies() ([]string, error) {
	if _, err := os.Stat(cgroupRoot + "/cgroup.controllers"); err == nil {
		return []string{cgroupRoot}, nil
	}
	entries, err := os.ReadDir(cgroupRoot)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, e := range entries {
		if e.IsDir() {
			dirs = append(dirs, path.Join(cgroupRoot, e.Name()))
		}
	}
	return dirs, nil
}

// limitedCgroup also changes the limits of one that is there already.
func (s *setup) limitedCgroup(g *Cgroup) error {
	layout, err := cgroup.Detect()
	if err != nil {
		return err
	}
	dirs, err := cgroup.Path(layout, path.Join("/", g.Path), "")
	if err != nil {
		return err
	}
	there := slices.ContainsFunc(dirs, func(d cgroup.Dir) bool { _, err := os.Stat(d.Name()); return err == nil })
	if there {
		return s.updateCgroup(dirs, g)
	}
	facts, err := cgroup.Controllers(dirs)
	if err != nil {
		return err
	}
	limits, err := s.compileLimits(g, facts)
	if err != nil {
		return err
	}
	// The directories above are no part of the cgroup that Remove removes.
	for _, d := range dirs {
		if err := s.undo.makeDir(place{"/", path.Dir(d.Name())}); err != nil {
			return err
		}
	}
	cg, err := cgroup.Create(dirs)
	if err != nil {
		return err
	}
	s.undo.add(cg.Remove)
	return cg.Apply(limits)
}

func (s *setup) updateCgroup(dirs []cgroup.Dir, g *Cgroup) error {
	for _, d := range dirs {
		if err := s.undo.makeDir(place{"/", d.Name()}); err != nil {
			return err
		}
	}
	cg, err := cgroup.Load(dirs)
	if err != nil {
		return err
	}
	facts, err := cg.Facts()
	if err != nil {
		return err
	}
	limits, err := s.compileLimits(g, facts)
	if err != nil {
		return err
	}
	old, err := cg.Update(limits)
	s.undo.add(func() error { return cg.Apply(old) })
	return err
}

func (s *setup) compileLimits(g *Cgroup, facts resources.Facts) ([]resources.Write, error) {
	limits, err := resources.Compile(g.Limits, facts)
	for _, w := range limits.Warnings {
		s.say("%s: runtime.json: %s: %s", s.bundle.Title, g.Path, w)
	}
	if err != nil {
		return nil, err
	}
	return limits.Writes, nil
}
