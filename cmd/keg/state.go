package main

import "github.com/keg-project/keg/cmd/keg/argv"

func stateCommand() command {
	return command{
		name: "state", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "print a container's state as JSON",
		long: "The status is creating, created, running, paused or stopped; the pid is that of\n" +
			"the container's first process on the host, 0 when it has ended.",
		setup: func(*argv.Set) action { return state },
	}
}

func state(c *call, args argv.Args) (int, error) {
	ctr, err := c.load(args.All()[0])
	if err != nil {
		return 1, err
	}
	info, err := ctr.Info()
	if err != nil {
		return 1, err
	}
	return 0, c.print(append(appendInfo(make([]byte, 0, 1024), info, "  "), '\n'))
}
