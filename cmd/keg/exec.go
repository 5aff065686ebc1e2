package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
	"github.com/keg-project/keg/plan"
)

func execCommand() command {
	return command{
		name: "exec", args: "ID [COMMAND...]", min: 1, max: -1, audience: forEngines, verbatim: true, failure: 255,
		short: "run another process in a running container",
		long: "The process gets the container's namespaces, cgroup, capabilities, limits and\n" +
			"filters, and what the flags change of it. Flags stand in front of ID: what\n" +
			"follows it is the process's own command line.\n\n" +
			"  keg exec mybox ps                    one command\n" +
			"  keg exec -u 1000:1000 -w /srv -e A=1 mybox sh -c 'id; pwd'\n" +
			"  keg exec --process process.json mybox\n\n" +
			"Signals are forwarded to the process. The exit status is its own, 128+n if\n" +
			"signal n ended it, and 255 if keg itself failed.",
		setup: setupExec,
	}
}

// execFlags are the flags that are not options of package container as they
// stand.
type execFlags struct {
	process string
	o       container.ExecOptions
}

func setupExec(s *argv.Set) action {
	f := new(execFlags)
	f.addProcess(s)
	f.addRest(s)
	return f.run
}

// addProcess adds the flags that say what runs.
func (f *execFlags) addProcess(s *argv.Set) {
	p := &f.o.Changes
	s.String(&f.process, "process", 'p', "FILE", "run the process that FILE describes, as JSON; - is standard input")
	s.String(&p.Cwd, "cwd", 'w', "DIR", "directory to start in")
	s.Strings(&p.Env, "env", 'e', "NAME=VALUE", "set a variable (repeatable)")
	s.Func("user", 'u', "UID[:GID]", "user and group to run as", func(v string) error {
		uid, gid, err := parseUser(v)
		p.UID, p.GID = &uid, gid
		return err
	})
	s.Func("additional-gids", 'g', "GID", "a further group (repeatable)", func(v string) error {
		gid, err := parseID(v)
		p.AdditionalGids = append(p.AdditionalGids, gid)
		return err
	})
	s.Func("cap", 'c', "CAP_NAME", "a further capability (repeatable)", func(v string) error {
		p.Capabilities = append(p.Capabilities, v)
		return checkCapability(v)
	})
	s.String(&p.ApparmorProfile, "apparmor", 0, "PROFILE", "AppArmor profile")
	s.String(&p.SelinuxLabel, "process-label", 0, "LABEL", "SELinux label")
	s.Bool(&p.Terminal, "tty", 't', "give it a terminal")
	s.Bool(&p.NoNewPrivileges, "no-new-privs", 0, "never gain privileges by executing a file")
}

// addRest adds the flags that say how it is run.
func (f *execFlags) addRest(s *argv.Set) {
	o := &f.o
	s.Bool(&o.Detach, "detach", 'd', "return once the process runs")
	s.String(&o.ConsoleSocket, "console-socket", 0, "SOCKET", "send the terminal's file descriptor to the one who listens there")
	s.String(&o.PidFile, "pid-file", 0, "FILE", "write the process's pid to FILE")
	s.String(&o.PidfdSocket, "pidfd-socket", 0, "SOCKET", "send a pidfd of the process to SOCKET")
	s.Count(&o.PreserveFDs, "preserve-fds", 0, "N", "pass N file descriptors beyond standard error")
	s.Strings(&o.Cgroups, "cgroup", 0, "[CONTROLLER:]PATH", "run in a sub-cgroup of the container's (repeatable)")
	s.Bool(&o.IgnorePaused, "ignore-paused", 0, "run it in a paused container once that is resumed")
}

func (f *execFlags) run(c *call, args argv.Args) (int, error) {
	words := args.All()
	ctr, err := c.load(words[0])
	if err != nil {
		return 0, err
	}
	f.o.Changes.Args = words[1:]
	switch {
	case f.process != "" && f.beside(words) != "":
		return 0, &usageError{execCommand(), fmt.Errorf("--process describes the whole process: %s cannot stand beside it", f.beside(words))}
	case f.process != "":
		if f.o.Process, err = c.readInput("--process", f.process); err != nil {
			return 0, err
		}
	case len(words) == 1:
		return 0, &usageError{execCommand(), errors.New("needs a command behind ID, or --process")}
	}
	f.o.ListenFDs, f.o.ListenNames = listenFDs()
	f.o.Warn = c.log.warn
	if c.global.trace {
		f.o.Trace = c.log.stderr
	}
	return ctr.Exec(f.o)
}

// beside names what --process leaves no room for, rather than ignore it.
func (f *execFlags) beside(words []string) string {
	p := &f.o.Changes
	for _, flag := range []struct {
		name  string
		given bool
	}{
		{"a command", len(words) > 1}, {"--cwd", p.Cwd != ""}, {"--env", p.Env != nil}, {"--user", p.UID != nil},
		{"--additional-gids", p.AdditionalGids != nil}, {"--cap", p.Capabilities != nil}, {"--apparmor", p.ApparmorProfile != ""},
		{"--process-label", p.SelinuxLabel != ""}, {"--no-new-privs", p.NoNewPrivileges},
	} {
		if flag.given {
			return flag.name
		}
	}
	return ""
}

// checkCapability refuses what a configuration may name and is then ignored:
// that is for lists that are older or newer than the kernel.
func checkCapability(v string) error {
	switch {
	case plan.IsCapability(v):
		return nil
	case plan.IsCapability("CAP_" + strings.ToUpper(v)):
		return fmt.Errorf("%q is not a capability (hint: CAP_%s)", v, strings.ToUpper(v))
	}
	return fmt.Errorf("%q is not a capability", v)
}

// parseUser reads UID[:GID], all of it: what is read loosely runs as somebody
// else (CVE-2026-30892).
func parseUser(v string) (uid uint32, gid *uint32, err error) {
	user, group, both := strings.Cut(v, ":")
	if uid, err = parseID(user); err != nil || !both {
		return uid, nil, err
	}
	n, err := parseID(group)
	return uid, &n, err
}

// parseID: -1, as 32 bits, means "leave it" to setresuid(2).
func parseID(v string) (uint32, error) {
	n, err := strconv.ParseUint(v, 10, 32)
	if err != nil || n == math.MaxUint32 || v[0] == '+' {
		return 0, fmt.Errorf("%q is not a numeric id of 0 to 4294967294", v)
	}
	return uint32(n), nil
}
