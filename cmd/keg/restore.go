package main

import (
	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

func restoreCommand() command {
	return command{
		name: "restore", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "make a container from the images of a checkpoint, by CRIU",
		long: "The bundle says what the images do not hold: the root, what is mounted from the\n" +
			"host, the cgroup and its limits. Pipes that were the container's standard streams\n" +
			"are replaced by keg's own. Of the hooks, prestart and createRuntime are called.\n" +
			"Without --detach keg waits for the program, as `keg run` does, and then removes\n" +
			"the container. CRIU's log is restore.log.",
		setup: setupRestore,
	}
}

func setupRestore(s *argv.Set) action {
	var o container.RestoreOptions
	b, f := new(bundleFlags), &o.CRIU
	b.addBundle(s)
	addImages(s, f)
	addCRIU(s, f)
	s.String(&f.LSMProfile, "lsm-profile", 0, "TYPE:NAME", "label of the processes: apparmor:… or selinux:…")
	s.String(&f.LSMMountContext, "lsm-mount-context", 0, "CONTEXT", "context of the mounts that have one")
	s.Bool(&o.Detach, "detach", 'd', "return once the program goes on")
	s.String(&b.pidFile, "pid-file", 0, "FILE", "write the init's pid to FILE")
	s.String(&b.consoleSocket, "console-socket", 0, "SOCKET", "send the terminal's file descriptor to the one who listens there")
	s.Bool(&o.NoSubreaper, "no-subreaper", 0, "do not become the parent of orphaned descendants")
	s.Bool(&b.noPivot, "no-pivot", 0, "ignored, as CRIU enters the root; accepted for runc's callers")
	return func(c *call, args argv.Args) (int, error) {
		options, err := b.options(c, args.All()[0])
		if err != nil {
			return 1, err
		}
		options.Detach, options.NoSubreaper = o.Detach, o.NoSubreaper
		o.Options, f.Program = options, c.global.criu
		return container.Restore(o)
	}
}
