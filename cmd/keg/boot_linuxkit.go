package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/keg-project/keg/boot/service"
	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/spec"
)

// linuxkitFlags are those of LinuxKit's service start, stop and restart.
type linuxkitFlags struct {
	runDir         *string
	path, dumpSpec string
	socket         containerdSocket
}

func (l *linuxkitFlags) add(s *argv.Set) {
	l.socket.add(s)
	s.String(&l.path, "path", 0, "DIR", "fail unless the service is one of this tree")
	s.String(&l.dumpSpec, "dump-spec", 0, "FILE", "write the service's config.json there at first, with an absolute root.path")
}

// follow does what the flags ask for: the supervisor has its tree already.
func (l *linuxkitFlags) follow(c *call, names []string) error {
	l.socket.warn(c)
	if l.path == "" && l.dumpSpec == "" {
		return nil
	}
	if l.dumpSpec != "" && len(names) > 1 {
		return errors.New("--dump-spec is for one service")
	}
	for _, name := range names {
		if name == "" { // it would be asked about all
			return errors.New("which service is meant? The name is empty")
		}
		a, err := ask(*l.runDir, service.Request{Op: service.StatusOp, Name: name})
		if err != nil {
			return err
		}
		if bundle := a.Services[0].Bundle; l.path != "" && !sameDirectory(filepath.Dir(bundle), l.path) {
			return fmt.Errorf("--path %s: %s is the service of %s (hint: --run-dir names another supervisor)", l.path, name, bundle)
		} else if l.dumpSpec != "" {
			return dumpSpec(bundle, l.dumpSpec)
		}
	}
	return nil
}

func sameDirectory(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// dumpSpec writes what a bundle's container is made from.
func dumpSpec(bundle, path string) error {
	text, err := os.ReadFile(filepath.Join(bundle, "config.json"))
	if err != nil {
		return err
	}
	s, err := spec.Decode(text)
	if err != nil {
		return fmt.Errorf("%s: config.json: %w", bundle, err)
	}
	if s.Root != nil && !filepath.IsAbs(s.Root.Path) {
		s.Root.Path = filepath.Join(bundle, s.Root.Path)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(spec.Write(f, s), f.Close())
}

// containerdSocket is a flag about what keg does without.
type containerdSocket struct{ path string }

// Where LinuxKit's containerd listens, and who logs for its machine.
const (
	linuxkitSocket = "/run/containerd/containerd.sock"
	loggingSocket  = "/var/run/linuxkit-external-logging.sock"
)

func (s *containerdSocket) add(set *argv.Set) {
	s.path = linuxkitSocket
	set.String(&s.path, "sock", 0, "SOCKET", "for LinuxKit's scripts: keg needs no containerd")
}

// warn says that another socket than the usual one is not asked either.
func (s *containerdSocket) warn(c *call) {
	if s.path != linuxkitSocket {
		c.log.warn("--sock %s: nobody is asked there, keg's services need no containerd", s.path)
	}
}
