package main

import (
	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

func runCommand() command {
	return command{
		name: "run", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "create and start a container, and wait for its end",
		long: "`keg spec` writes a config.json; a root file system belongs beside it, in rootfs:\n\n" +
			"  mkdir -p box/rootfs && keg spec --bundle box\n" +
			"  tar -C box/rootfs -xf alpine-minirootfs.tar.gz\n" +
			"  keg run --bundle box mybox\n\n" +
			"`keg shell` does all of that by itself. A container with process.terminal gets\n" +
			"what is typed and shows what it writes. Signals are forwarded to the\n" +
			"container's program. The exit status is the program's own, 128+n if signal n\n" +
			"ended it, and 1 if keg itself failed.",
		setup: setupRun,
	}
}

func setupRun(s *argv.Set) action {
	f := new(bundleFlags)
	f.add(s)
	var extra container.Options
	s.Bool(&extra.Detach, "detach", 'd', "return once the program has started")
	s.Bool(&extra.Keep, "keep", 0, "keep state and cgroup after the program's end")
	s.Bool(&extra.NoSubreaper, "no-subreaper", 0, "do not become the parent of orphaned descendants")
	return func(c *call, args argv.Args) (int, error) {
		o, err := f.options(c, args.All()[0])
		if err != nil {
			return 1, err
		}
		o.Detach, o.Keep, o.NoSubreaper = extra.Detach, extra.Keep, extra.NoSubreaper
		return container.Run(o)
	}
}
