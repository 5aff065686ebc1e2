package main

import (
	"errors"

	"github.com/keg-project/keg/boot/service"
	"github.com/keg-project/keg/cmd/keg/argv"
)

func bootStartCommand() command {
	return command{
		name: "start", args: "NAME...", min: 1, max: -1, short: "start a service",
		long: "It returns when the service runs, or says that it is ready, and fails when it has failed.\n" +
			"What its last run has mounted, and written, is there again.",
		setup: func(s *argv.Set) action { return control(s, service.StartOp) },
	}
}

func bootRestartCommand() command {
	return command{
		name: "restart", args: "NAME...", min: 1, max: -1, short: "stop a service and start it again",
		long:  "Also one that has failed, or has not been running.",
		setup: func(s *argv.Set) action { return control(s, service.RestartOp) },
	}
}

func bootStopCommand() command {
	return command{
		name: "stop", args: "NAME...", max: -1, short: "stop a service",
		long: "It gets the signal that its bundle asks for, and is killed with all that is in its\n" +
			"container if it has not ended after its grace. It stays stopped until `start`.",
		setup: setupBootStop,
	}
}

func setupBootStop(s *argv.Set) action {
	var all bool
	s.Bool(&all, "all", 'a', "stop all services, each before those that it comes after, and the supervisor")
	var runDir string
	stop := controlIn(s, service.StopOp, &runDir)
	return func(c *call, args argv.Args) (int, error) {
		switch named := len(args.All()) > 0; {
		case all == named:
			return 1, errors.New("which service is meant? Name some, or --all")
		case named:
			return stop(c, args)
		}
		_, err := ask(runDir, service.Request{Op: service.EndOp})
		return 0, err
	}
}

func control(s *argv.Set, op service.Op) action { return controlIn(s, op, new(string)) }

// controlIn asks the supervisor of a directory to do something with services, one
// after the other, until that fails.
func controlIn(s *argv.Set, op service.Op, runDir *string) action {
	addRunDir(s, runDir)
	l := linuxkitFlags{runDir: runDir}
	l.add(s)
	return func(c *call, args argv.Args) (int, error) {
		if err := l.follow(c, args.All()); err != nil {
			return 1, err
		}
		for _, name := range args.All() {
			if _, err := ask(*runDir, service.Request{Op: op, Name: name}); err != nil {
				return 1, err
			}
		}
		return 0, nil
	}
}
