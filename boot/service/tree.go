package service

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/keg-project/keg/boot/bundle"
)

// read makes the services of the tree, and their order.
func (s *Supervisor) read() error {
	names, others, err := bundle.List(s.o.Tree)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		s.o.Say("services: %s: no bundles: %s", s.o.Tree, strings.Join(others, ", "))
	}
	after := map[string][]string{}
	for _, name := range names {
		v := readService(filepath.Join(s.o.Tree, name), s.o)
		s.services = append(s.services, v)
		after[name] = v.config.After
	}
	s.ownLogs()
	kept, problems := order(after)
	for _, p := range problems {
		s.find(p.Service).complain(p)
	}
	s.before = before(kept)
	for _, v := range s.services {
		v.after = kept[v.name]
		if v.note != "" {
			s.o.Say("service %s", strings.ReplaceAll(v.note, "\n", "\nservice "))
		}
	}
	return nil
}

// ownLogs: x's standard output and x.out's standard error would be one file.
func (s *Supervisor) ownLogs() {
	owner := map[string]string{}
	for _, v := range s.services {
		for _, st := range v.streams {
			if other, taken := owner[st.file]; taken {
				v.broken = true
				v.complain(fmt.Errorf("%s: its log %s is that of %s, too: rename one of them", v.name, st.file, other))
			}
			owner[st.file] = v.name
		}
	}
}

// Check tells what is wrong with a tree, before a machine is started with it.
func Check(o Options) error {
	s := &Supervisor{o: o}
	s.o.Say = func(string, ...any) {}
	if err := s.read(); err != nil {
		return err
	}
	var errs []error
	for _, v := range s.services {
		if v.note != "" {
			errs = append(errs, errors.New(v.note))
		}
	}
	return errors.Join(errs...)
}
