package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
)

// audience is whom a command is made for; help groups by it.
type audience int

const (
	forPeople audience = iota
	forEngines
	forMachines // that boot
)

// command is one of keg's commands. Its flags are registered by setup, when
// the command is the one that was asked for: only then do they cost anything.
type command struct {
	name     string // with that of its group in front: "boot onboot"
	args     string // the arguments, as the usage line shows them
	short    string // one line for help
	long     string // what `help COMMAND` says in addition
	audience audience
	min, max int  // number of arguments; max -1 for any
	verbatim bool // what follows the first argument is a command line of its own, flags included
	failure  int  // exit status of keg's own failures; 0: 1
	setup    func(*argv.Set) action
	parts    []command // of a group, which does nothing itself
}

// action runs a command whose flags have been read. The status counts if err
// is nil.
type action func(c *call, args argv.Args) (status int, err error)

// commands are all of them, in the order in which help lists them.
func commands() []command {
	return []command{
		shellCommand(), explainCommand(), doctorCommand(), helpCommand(), manualCommand(), completionCommand(), versionCommand(),
		runCommand(), createCommand(), startCommand(), execCommand(), stateCommand(), listCommand(), killCommand(), deleteCommand(),
		pauseCommand(), resumeCommand(), updateCommand(), psCommand(), eventsCommand(),
		checkpointCommand(), restoreCommand(), specCommand(), featuresCommand(),
		bootCommand(),
	}
}

// allCommands has those of groups, too, each behind its group.
func allCommands() []command {
	var all []command
	for _, cmd := range commands() {
		all = append(append(all, cmd), cmd.parts...)
	}
	return all
}

// group is a command whose first argument names what is to be done.
func group(name, short, long string, parts ...command) command {
	nothing := func(*argv.Set) action { return func(*call, argv.Args) (int, error) { return 0, nil } }
	for i := range parts {
		parts[i].name = name + " " + parts[i].name
	}
	return command{name: name, args: "COMMAND", short: short, long: long, parts: parts, setup: nothing}
}

// key is the name where it may have no space in it: of a page, in a script.
func (cmd command) key() string { return strings.ReplaceAll(cmd.name, " ", "-") }

// word is the name without the group's.
func (cmd command) word() string { return cmd.name[strings.LastIndexByte(cmd.name, ' ')+1:] }

func find(name string) (command, bool) { return findIn(commands(), name) }

// findIn finds what words name: a command, or one of a group's behind the group.
func findIn(list []command, words ...string) (command, bool) {
	for _, cmd := range list {
		if cmd.word() != words[0] {
			continue
		}
		if len(words) == 1 {
			return cmd, true
		}
		return findIn(cmd.parts, words[1:]...)
	}
	return command{}, false
}

// count checks the number of arguments.
func (cmd command) count(args argv.Args) error {
	n := len(args.Plain) + len(args.Rest)
	switch {
	case cmd.min == cmd.max && n != cmd.min && n > 0 && cmd.min == 0:
		return fmt.Errorf("takes no arguments, got %q", args.All())
	case cmd.min == cmd.max && n != cmd.min:
		return fmt.Errorf("requires exactly %d argument(s), %s; got %d", cmd.min, cmd.args, n)
	case n < cmd.min:
		return fmt.Errorf("requires at least %d argument(s), %s; got %d", cmd.min, cmd.args, n)
	case cmd.max >= 0 && n > cmd.max:
		return fmt.Errorf("takes at most %d argument(s), %s; got %d", cmd.max, cmd.args, n)
	}
	ours := args.All()
	if cmd.verbatim {
		ours = args.Plain[:1]
	}
	for _, arg := range ours {
		if arg == "" && cmd.audience == forEngines {
			return errors.New("an argument is empty")
		}
	}
	return nil
}
