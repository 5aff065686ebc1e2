package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

// bundleFlags are the flags of the commands that make a container.
type bundleFlags struct {
	bundle, config, pidFile string
	consoleSocket           string
	pidfdSocket             string
	preserveFDs             int
	noPivot, noNewKeyring   bool
}

func (f *bundleFlags) add(s *argv.Set) {
	f.addBundle(s)
	s.String(&f.pidFile, "pid-file", 0, "FILE", "write the init's pid to FILE")
	s.Count(&f.preserveFDs, "preserve-fds", 0, "N", "pass N file descriptors beyond standard error")
	f.addPlan(s)
	s.String(&f.consoleSocket, "console-socket", 0, "SOCKET", "send the terminal's file descriptor to the one who listens there")
	s.String(&f.pidfdSocket, "pidfd-socket", 0, "SOCKET", "send a pidfd of the init to SOCKET")
}

func (f *bundleFlags) addBundle(s *argv.Set) {
	f.bundle = "."
	s.String(&f.bundle, "bundle", 'b', "DIR", "the bundle's directory (default: .)")
	s.String(&f.config, "config", 0, "FILE", "configuration to use instead of the bundle's config.json")
}

// addPlan adds the flags that the plan depends on.
func (f *bundleFlags) addPlan(s *argv.Set) {
	s.Bool(&f.noPivot, "no-pivot", 0, "chroot instead of pivot_root")
	s.Bool(&f.noNewKeyring, "no-new-keyring", 0, "keep the caller's session keyring")
}

// options turns the flags into what package container is asked for.
func (f *bundleFlags) options(c *call, id string) (container.Options, error) {
	o := container.Options{
		ID:            id,
		PidFile:       f.pidFile,
		ConsoleSocket: f.consoleSocket,
		PreserveFDs:   f.preserveFDs,
		PidfdSocket:   f.pidfdSocket,
		NotifySocket:  os.Getenv("NOTIFY_SOCKET"),
		NoPivot:       f.noPivot,
		NeedCgroup:    c.global.rootless == "false",
		NoNewKeyring:  f.noNewKeyring,
		Warn:          c.log.warn,
	}
	if c.global.trace {
		o.Trace = c.log.stderr
	}
	o.ListenFDs, o.ListenNames = listenFDs()
	var err error
	if o.SystemdCgroup, o.NoCgroup, err = c.global.cgroups(); err != nil {
		return o, err
	}
	if o.Root, err = c.stateRoot(); err != nil {
		return o, err
	}
	if o.Bundle, err = f.bundleDir(); err != nil {
		return o, err
	}
	o.Config, err = f.configBytes(o.Bundle)
	return o, err
}

func (f *bundleFlags) bundleDir() (string, error) {
	if f.bundle == "" {
		return "", errors.New("--bundle: is empty; name a directory")
	}
	dir, err := filepath.Abs(f.bundle)
	if err != nil {
		return "", fmt.Errorf("--bundle %s: %w", f.bundle, err)
	}
	return dir, nil
}

// configBytes reads the file named by --config: relative to the bundle, as
// crun takes it. nil leaves the bundle's own config.json to be read.
func (f *bundleFlags) configBytes(bundle string) ([]byte, error) {
	if f.config == "" {
		return nil, nil
	}
	path := f.config
	if !filepath.IsAbs(path) {
		path = filepath.Join(bundle, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	return data, nil
}
