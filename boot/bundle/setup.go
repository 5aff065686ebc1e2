package bundle

import (
	"errors"
	"fmt"
	"os"
)

// setup is what was made for a bundle's container.
type setup struct {
	bundle *Bundle
	say    func(format string, args ...any)
	before record
	undo   undo
	odd    []string // directories that were made and that nothing but one option names
	former *os.File // the network namespace of an earlier container of the bundle; nil: none was kept
}

// prepare does what is to be done before the container is made: mounts,
// directories, cgroups. After an error nothing is left of it. Mounts that are
// in the directory records, and are there still, are used as they are; "" for
// none. say is told of progress, a line each.
func (b *Bundle) prepare(records string, say func(format string, args ...any)) (*setup, error) {
	s := &setup{bundle: b, say: say}
	if err := s.prepare(recordFile(records, b.Dir)); err != nil {
		return nil, errors.Join(err, s.takeBack())
	}
	return s, nil
}

func (s *setup) prepare(records string) (err error) {
	r := &s.bundle.Runtime
	if s.before, err = readRecord(records); err != nil {
		return s.field("mounts", err)
	}
	for i := range r.Mounts {
		if err := s.mount(i); err != nil {
			return s.field(at("mounts", i), fmt.Errorf("%s: %w", r.Mounts[i].what(), err))
		}
	}
	for i, dir := range r.Mkdir {
		if err := s.undo.makeDir(s.bundle.place(dir)); err != nil {
			return s.field(at("mkdir", i), err)
		}
	}
	for i := range r.Cgroups {
		if err := s.cgroup(i, &r.Cgroups[i]); err != nil {
			return s.field(at("cgroups", i), err)
		}
	}
	return s.before.write()
}

// attach does what is to be done between create and start, when the container
// has its namespaces: interfaces, and files that namespaces are bound to. After
// an error takeBack is called for.
func (s *setup) attach(pid int) error {
	r := &s.bundle.Runtime
	// First: an earlier container's interfaces are in a namespace that was bound.
	for _, ns := range r.BindNS.each() {
		if err := s.clear(ns); err != nil {
			return s.field("bindNS."+ns.name, err)
		}
	}
	if len(r.Interfaces) > 0 {
		if err := s.links(pid); err != nil {
			return err
		}
	}
	for _, ns := range r.BindNS.each() {
		if err := s.bindNamespace(ns, pid); err != nil {
			return s.field("bindNS."+ns.name, err)
		}
	}
	return nil
}

// settle is for when nothing is to be undone any more.
func (s *setup) settle() { s.undo.drop() }

// takeBack undoes what was made, and nothing that was there before.
func (s *setup) takeBack() error {
	if err := errors.Join(s.undo.run(), s.before.prune()); err != nil {
		return fmt.Errorf("%s: clean up: %w", s.bundle.Title, err)
	}
	return nil
}

// field says where the error's reason is written.
func (s *setup) field(name string, err error) error {
	return fmt.Errorf("%s: runtime.json: %s: %w", s.bundle.Title, name, err)
}
