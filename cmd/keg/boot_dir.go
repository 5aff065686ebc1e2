package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/keg-project/keg/boot/service"
	"github.com/keg-project/keg/cmd/keg/argv"
)

// addTree adds --dir. The tree of machines may be missing, since not each has
// one; that of a caller who names it is misspelt.
func addTree(s *argv.Set, dir *string) {
	s.Func("dir", 0, "DIR", "where the bundles are (default: "+*dir+")", func(v string) error {
		*dir = v
		_, err := os.Stat(v)
		return err
	})
}

// endSignals are those that tell keg to end what it has started: also those of a
// terminal, but for the hang-up that nohup(1) keeps away.
func endSignals() []os.Signal {
	list := []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}

// ask has the supervisor do something.
func ask(runDir string, r service.Request) (service.Answer, error) {
	a, err := service.Ask(runDir, r)
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w (hint: only root may ask root's supervisor)", err)
	}
	return a, err
}
