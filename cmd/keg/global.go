package main

import (
	"fmt"
	"path/filepath"

	"github.com/keg-project/keg/cmd/keg/argv"
)

// global holds the flags that all commands have.
type global struct {
	root          string // as named; "" for the default
	logFile       string
	logFormat     string
	rootless      string
	criu          string
	debug         bool
	cgroupManager string // "" if not named
	systemdCgroup bool
	trace         bool
}

func (g *global) add(s *argv.Set) {
	g.logFormat, g.rootless = "text", "auto"
	s.String(&g.root, "root", 0, "DIR", "where containers' state is kept (default: /run/keg for root)")
	s.String(&g.logFile, "log", 0, "FILE", "append messages to FILE; errors go to standard error as well")
	s.Enum(&g.logFormat, "log-format", 0, "format of messages", "text", "json")
	s.Bool(&g.debug, "debug", 0, "say more")
	s.Bool(&g.trace, "trace", 0, "print a timeline of the phases on standard error")
	s.Bool(&g.systemdCgroup, "systemd-cgroup", 0, "have systemd make the cgroups: cgroupsPath is SLICE:PREFIX:NAME")
	s.Func("cgroup-manager", 0, "NAME", "cgroupfs: keg makes the cgroups; systemd; disabled: there are none", g.setCgroupManager)
	s.Enum(&g.rootless, "rootless", 0, "false: fail where no cgroup may be made; else do without", "true", "false", "auto")
	s.String(&g.criu, "criu", 0, "PATH", "the program that checkpoint and restore call (default: criu)")
}

func (g *global) setCgroupManager(name string) error {
	if name != "cgroupfs" && name != "systemd" && name != "disabled" {
		return fmt.Errorf("%q is not one of cgroupfs, systemd, disabled", name)
	}
	g.cgroupManager = name
	return nil
}

// cgroups tells whether systemd makes a container's cgroups, or nobody does.
// Engines that know crun write --cgroup-manager, those that know runc
// --systemd-cgroup.
func (g *global) cgroups() (systemd, none bool, err error) {
	if g.systemdCgroup && g.cgroupManager != "" && g.cgroupManager != "systemd" {
		return false, false, fmt.Errorf("--systemd-cgroup and --cgroup-manager %s contradict each other", g.cgroupManager)
	}
	return g.systemdCgroup || g.cgroupManager == "systemd", g.cgroupManager == "disabled", nil
}

// stateRoot is the absolute path of the directory that holds the state.
func (g *global) stateRoot() (string, error) {
	if g.root != "" {
		return filepath.Abs(g.root)
	}
	return defaultRoot()
}
