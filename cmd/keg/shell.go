package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/keg-project/keg/box"
	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/plan"
)

func shellCommand() command {
	return command{
		name: "shell", args: "[ROOT] [-- COMMAND...]", max: -1,
		short: "open a shell in a container, or run a command in one",
		long: "ROOT is a directory, or an archive (.tar, .tar.gz, .tar.zst) of a root file\n" +
			"system. Without it the container is a box made from busybox. A directory is used\n" +
			"as it is: what changes in it stays. Nothing else that happens inside is kept,\n" +
			"except with --keep. The exit status is the command's, 127 if there is no such\n" +
			"command and 126 if it cannot be executed.\n\n" +
			"  keg shell                              a shell in an empty box\n" +
			"  keg shell -v $PWD:/src -w /src -- ls   one command, on files of the host\n" +
			"  keg shell --host                       a copy of this machine, thrown away at the end",
		setup: setupShell,
	}
}

func setupShell(s *argv.Set) action {
	o := new(box.Options)
	addShellFlags(s, o)
	return func(c *call, args argv.Args) (int, error) { return c.shell(o, args) }
}

func addShellFlags(s *argv.Set, o *box.Options) {
	s.String(&o.User, "user", 0, "USER[:GROUP]", "user inside: a name or a number (default: root)")
	s.Enum(&o.Net, "net", 0, "a network of its own with nothing but lo (none, the default), or the host's", "none", "host")
	s.Strings(&o.Volumes, "volume", 'v', "SRC:DST[:ro]", "make a file or directory of the host visible inside")
	s.Strings(&o.Env, "env", 'e', "NAME[=VALUE]", "set a variable, or pass the caller's")
	s.String(&o.Workdir, "workdir", 'w', "DIR", "directory to start in")
	s.String(&o.Hostname, "hostname", 0, "NAME", "host name inside")
	s.Bool(&o.ReadOnly, "read-only", 0, "make the root read-only")
	s.Bool(&o.Host, "host", 0, "use a throw-away copy of this machine's own root")
	s.String(&o.Keep, "keep", 0, "DIR", "keep the box in DIR, and use what is there")
	s.Bool(&o.Explain, "explain", 0, "print every step instead of taking it")
	addLimits(s, o)
}

func (c *call) shell(o *box.Options, args argv.Args) (int, error) {
	if err := shellArguments(o, args); err != nil {
		return 1, &usageError{shellCommand(), err}
	}
	var err error
	if o.StateRoot, err = c.stateRoot(); err != nil {
		return 1, err
	}
	o.Warn, o.Stdout = c.log.warn, c.stdout
	if o.SystemdCgroup, o.NoCgroup, err = c.global.cgroups(); err != nil {
		return 1, err
	}
	if c.global.trace {
		o.Trace = c.log.stderr
	}
	status, err := box.Run(*o)
	c.failure = commandFailure(err)
	return status, err
}

// commandFailure is the exit status that a shell has for a command that it does
// not find (127) or cannot run (126), and 1 for any other failure.
func commandFailure(err error) int {
	var f *plan.Failure
	switch {
	case !errors.As(err, &f) || !strings.HasPrefix(f.Step.Field, "process.args"):
		return 1
	case errors.Is(err, os.ErrNotExist):
		return 127
	}
	return 126
}

func shellArguments(o *box.Options, args argv.Args) error {
	if len(args.Plain) > 1 {
		return fmt.Errorf("%q comes after ROOT: write -- in front of the command", args.Plain[1])
	}
	if len(args.Plain) == 1 {
		o.Root = args.Plain[0]
	}
	if len(args.Rest) > 0 {
		o.Command = args.Rest
	}
	return nil
}
