package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

// call is one invocation of keg.
type call struct {
	program string // the name that keg was called by
	failure int    // exit status if keg fails
	global  global
	log     logger
	stdin   io.Reader
	stdout  io.Writer
}

// usageError is a command line that cannot be understood: the error is
// followed by the usage of the command that it is about.
type usageError struct {
	cmd command
	err error
}

func (e *usageError) Error() string { return e.cmd.name + ": " + e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// dispatch reads the flags and runs the command that args name.
func (c *call) dispatch(args []string) (int, error) {
	globals := argv.New(nil)
	c.global.add(globals)
	top := argv.New(globals)
	var showVersion bool
	top.Bool(&showVersion, "version", 'v', "print keg's version")

	var rest []string
	if len(args) > 0 {
		args = args[1:]
	}
	rest, parseErr := top.ParseLeading(args)
	// The log comes first: an engine reads from it what was wrong with the flags.
	if err := c.log.open(&c.global); err != nil {
		return 1, err
	}
	switch {
	case errors.Is(parseErr, argv.ErrHelp):
		return 0, c.writeHelp()
	case parseErr != nil:
		return 1, fmt.Errorf("%w; see `%s help`", parseErr, c.program)
	case showVersion:
		return 0, c.writeVersion()
	case len(rest) == 0:
		return 0, c.writeHelp()
	}
	cmd, ok := find(rest[0])
	if !ok {
		return 1, fmt.Errorf("unknown command %q; `%s help` lists them", rest[0], c.program)
	}
	return c.enter(cmd, globals, rest[1:])
}

// enter goes into a group, as far as the words lead.
func (c *call) enter(cmd command, globals *argv.Set, words []string) (int, error) {
	if cmd.parts == nil {
		return c.execute(cmd, globals, words)
	}
	rest, err := globals.ParseLeading(words)
	switch {
	case errors.Is(err, argv.ErrHelp):
		return 0, c.writeCommandHelp(cmd)
	case err != nil:
		return 1, &usageError{cmd, err}
	case len(rest) == 0:
		return 1, &usageError{cmd, fmt.Errorf("which? `%s help %s` lists them", c.program, cmd.name)}
	}
	part, ok := findIn(cmd.parts, rest[0])
	if !ok {
		return 1, fmt.Errorf("%s: unknown command %q; `%s help %s` lists them", cmd.name, rest[0], c.program, cmd.name)
	}
	return c.enter(part, globals, rest[1:])
}

// execute reads the command's own flags, and runs it.
func (c *call) execute(cmd command, globals *argv.Set, words []string) (int, error) {
	c.failure = max(cmd.failure, 1)
	flags := argv.New(globals)
	do := cmd.setup(flags)
	logged := c.global.logFile
	parse := flags.Parse
	if cmd.verbatim {
		parse = flags.ParseFirst
	}
	args, err := parse(words)
	if errors.Is(err, argv.ErrHelp) {
		return 0, c.writeCommandHelp(cmd)
	}
	if c.global.logFile != logged { // --log behind the command
		if err := c.log.open(&c.global); err != nil {
			return 1, err
		}
	}
	if err == nil {
		err = cmd.count(args)
	}
	if err != nil {
		return 1, &usageError{cmd, err}
	}
	return do(c, args)
}

// stateRoot is the absolute path of the directory that holds the state.
func (c *call) stateRoot() (string, error) {
	root, err := c.global.stateRoot()
	if err == nil {
		c.log.debug("state is kept in %s", root)
	}
	return root, err
}

// load finds the container that a command is about.
func (c *call) load(id string) (*container.Container, error) {
	root, err := c.stateRoot()
	if err != nil {
		return nil, err
	}
	ctr, err := container.Load(root, id)
	if err == nil {
		ctr.Warn = c.log.warn
	}
	return ctr, err
}

// usageHint prints how the command is used, if that is what err is about.
// Whoever reads JSON from standard error must find nothing else there.
func (c *call) usageHint(w io.Writer, err error) {
	var usage *usageError
	if errors.As(err, &usage) && !c.log.jsonOnStderr() {
		fmt.Fprintln(w, c.usageLine(usage.cmd))
	}
}

func (c *call) usageLine(cmd command) string {
	line := "usage: " + c.program + " " + cmd.name + " [flags]"
	if cmd.args != "" {
		line += " " + cmd.args
	}
	return line
}

func programName(args []string) string {
	if len(args) == 0 || args[0] == "" {
		return "keg"
	}
	return filepath.Base(args[0])
}
