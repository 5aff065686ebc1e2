package main

import (
	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

func pauseCommand() command {
	return command{
		name: "pause", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "stop all processes of a container where they are",
		long:  "They keep what they have, memory included, until `keg resume ID`.",
		setup: func(*argv.Set) action { return onContainer((*container.Container).Pause) },
	}
}

func resumeCommand() command {
	return command{
		name: "resume", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "set the processes of a paused container going again",
		setup: func(*argv.Set) action { return onContainer((*container.Container).Resume) },
	}
}

// onContainer is a command that is one call on the container.
func onContainer(do func(*container.Container) error) action {
	return func(c *call, args argv.Args) (int, error) {
		ctr, err := c.load(args.All()[0])
		if err != nil {
			return 1, err
		}
		return 0, do(ctr)
	}
}
