package main

import (
	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

func runCommand() command {
	return command{
		name: "run", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "create and start a container, and wait for its end",
		long: "Signals are forwarded to the container's program. The exit status is the\n" +
			"program's own, 128+n if signal n ended it, and 1 if keg itself failed.",
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
