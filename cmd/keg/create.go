package main

import (
	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

func createCommand() command {
	return command{
		name: "create", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "make a container whose program waits for start",
		long: "A bundle is a directory with a config.json (`keg spec` writes one) and the root\n" +
			"file system that it names. ID is a new name for the container: letters, digits\n" +
			"and _ + - . , not beginning with a dot. `keg start ID` lets its program run,\n" +
			"`keg delete ID` removes it. A missing program is an error here, not of start.",
		setup: setupCreate,
	}
}

func setupCreate(s *argv.Set) action {
	f := new(bundleFlags)
	f.add(s)
	return func(c *call, args argv.Args) (int, error) {
		o, err := f.options(c, args.All()[0])
		if err != nil {
			return 1, err
		}
		c.log.theirs = true
		c.log.silent = forBoot()
		o.OwnSignals = true
		_, err = container.Create(o)
		return 0, err
	}
}
