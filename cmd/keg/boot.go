package main

import (
	"fmt"
	"os"

	"github.com/keg-project/keg/boot/bundle"
)

// bootCommand is the group of what a machine does that is made of containers.
func bootCommand() command {
	cmd := group("boot", "run a tree of containers, as LinuxKit's images have them",
		"A tree is a directory of bundles, each with a runtime.json beside its config.json\n"+
			"that says what is mounted, made and connected for it. docs/linuxkit.md has more.",
		bootInitCommand(), bootOnbootCommand(), bootOnshutdownCommand(), bootVolumesCommand(), bootModprobeCommand(),
		bootServicesCommand(), bootStatusCommand(), bootStartCommand(), bootStopCommand(), bootRestartCommand(), bootLogsCommand())
	cmd.audience = forMachines
	return cmd
}

// progress is a line for who watches a machine boot: on standard error, as
// LinuxKit has it, where an image may have chosen the names in it.
func (c *call) progress(format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	fmt.Fprintln(c.log.stderr, printable(msg))
	c.log.note(msg)
}

// forBoot tells that a create is called by keg itself, which says what goes wrong.
// That is for no hook to inherit.
func forBoot() bool {
	if os.Getenv(bundle.SilentVariable) == "" {
		return false
	}
	os.Unsetenv(bundle.SilentVariable)
	return true
}

// createFlags are the global flags that a `keg create` gets from the keg that
// calls it: who makes the cgroups, and what is said. Its log is its caller's.
func (c *call) createFlags() ([]string, error) {
	g := &c.global
	flags := []string{"--rootless", g.rootless}
	if g.debug {
		flags = append(flags, "--debug")
	}
	systemd, none, err := g.cgroups()
	switch {
	case systemd:
		flags = append(flags, "--systemd-cgroup")
	case none:
		flags = append(flags, "--cgroup-manager", "disabled")
	}
	return flags, err
}
