package main

import (
	"syscall"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/signame"
)

func killCommand() command {
	return command{
		name: "kill", args: "ID [SIGNAL]", min: 1, max: 2, audience: forEngines,
		short: "send a signal to a container's init",
		long:  "SIGNAL is a name with or without SIG, RTMIN+n, RTMAX-n, or a number; TERM if\nit is left out. What is left of a stopped container can be signalled with --all.",
		setup: setupKill,
	}
}

func setupKill(s *argv.Set) action {
	var all bool
	s.Bool(&all, "all", 'a', "send it to all processes of the container")
	return func(c *call, args argv.Args) (int, error) {
		words := args.All()
		sig := syscall.SIGTERM
		if len(words) == 2 {
			var err error
			if sig, err = signame.Parse(words[1]); err != nil {
				return 1, err
			}
		}
		ctr, err := c.load(words[0])
		if err != nil {
			return 1, err
		}
		return 0, ctr.Signal(sig, all)
	}
}
