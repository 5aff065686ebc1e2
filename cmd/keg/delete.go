package main

import (
	"errors"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

func deleteCommand() command {
	return command{
		name: "delete", args: "ID...", min: 1, max: -1, audience: forEngines,
		short: "remove stopped containers",
		long: "The container's state and cgroup are removed, never its bundle. All of the ids\n" +
			"are tried, whatever goes wrong with one.",
		setup: setupDelete,
	}
}

func setupDelete(s *argv.Set) action {
	var force bool
	s.Bool(&force, "force", 'f', "kill what still runs; a container that does not exist is no error")
	return func(c *call, args argv.Args) (int, error) {
		return c.deleteAll(args.All(), force)
	}
}

// deleteAll goes on after a failure: what can be removed is.
func (c *call) deleteAll(ids []string, force bool) (int, error) {
	var failed error
	for _, id := range ids {
		err := c.delete(id, force)
		if failed != nil && err != nil {
			c.log.error(failed)
		}
		if err != nil {
			failed = err
		}
	}
	return 0, failed
}

func (c *call) delete(id string, force bool) error {
	ctr, err := c.load(id)
	if err == nil {
		err = ctr.Delete(force)
	}
	// Two engines' clean-ups may race: gone is what both wanted.
	if force && errors.Is(err, container.ErrNotExist) {
		return nil
	}
	return err
}
