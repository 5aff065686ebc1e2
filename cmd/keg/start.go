package main

import "github.com/keg-project/keg/cmd/keg/argv"

func startCommand() command {
	return command{
		name: "start", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "let a created container's program run",
		long: "ID was made by `keg create`. The container runs on after keg has ended:\n" +
			"`keg state ID` tells when its program has, `keg delete ID` removes it then.",
		setup: func(*argv.Set) action { return start },
	}
}

func start(c *call, args argv.Args) (int, error) {
	ctr, err := c.load(args.All()[0])
	if err != nil {
		return 1, err
	}
	return 0, ctr.Start()
}
