package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

func eventsCommand() command {
	return command{
		name: "events", args: "ID", min: 1, max: 1, audience: forEngines,
		short: "print a container's statistics, and when it is out of memory",
		long: "Each line is a JSON object: {\"type\":\"stats\",…} once in an interval, and\n" +
			"{\"type\":\"oom\",…} when the kernel has killed a process of the container for want\n" +
			"of memory. It ends with the container. Times are in nanoseconds, sizes in bytes.",
		setup: setupEvents,
	}
}

func setupEvents(s *argv.Set) action {
	interval, once := 5*time.Second, false
	s.Func("interval", 0, "DURATION", "time between two statistics: 500ms, 5s (the default), 1m", func(v string) (err error) {
		interval, err = parseInterval(v)
		return err
	})
	s.Bool(&once, "stats", 0, "print the statistics once, and end")
	return func(c *call, args argv.Args) (int, error) {
		id := args.All()[0]
		ctr, err := c.load(id)
		if err != nil {
			return 1, err
		}
		if once {
			stats, err := ctr.Stats()
			if err != nil {
				return 1, err
			}
			return 0, c.printEvent(id, container.Event{Stats: &stats})
		}
		return 0, ctr.Events(interval, func(e container.Event) error { return c.printEvent(id, e) })
	}
}

func parseInterval(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a duration such as 5s", v)
	case d <= 0:
		return 0, errors.New("must be greater than 0")
	}
	return d, nil
}

// printEvent writes a line at once: a reader of the pipe never sees half of it,
// unless it is longer than a pipe takes.
func (c *call) printEvent(id string, e container.Event) error {
	line, err := eventLine(id, e)
	if err != nil {
		return err
	}
	return c.print(line)
}
