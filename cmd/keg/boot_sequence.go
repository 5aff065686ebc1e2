package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/keg-project/keg/boot/bundle"
	"github.com/keg-project/keg/boot/reap"
	"github.com/keg-project/keg/boot/sequence"
	"github.com/keg-project/keg/cmd/keg/argv"
)

const sequenceHelp = "Each container runs when the one before has ended, in the order of the names. What it\n" +
	"writes is in /run/log/WORD/WORD.NAME.out.log and WORD.NAME.log, and shown\n" +
	"when it has ended; where there is " + loggingSocket + ", who listens\n" +
	"there has it. A table says in the end how each of them has ended.\n\n" +
	"keg returns 1 if a container could not be run, or took too long: the others run\n" +
	"nevertheless. Other exit statuses than 0 of the containers' programs are only shown,\n" +
	"unless --strict.\n\n" +
	"What is set up for a container that then cannot be run is taken back. When one has\n" +
	"ended, it is deleted and its root unmounted; what runtime.json mounts and makes\n" +
	"elsewhere stays for those that follow, and is not done again if keg is called again."

func bootOnbootCommand() command {
	return sequenceCommand("onboot", "onboot", "run the containers that prepare a machine, one after another")
}

func bootOnshutdownCommand() command {
	return sequenceCommand("onshutdown", "shutdown", "run the containers that a machine ends with, one after another")
}

// sequenceCommand: word is what LinuxKit calls it in logs.
func sequenceCommand(name, word, short string) command {
	return command{
		name: name, short: short, long: strings.ReplaceAll(sequenceHelp, "WORD", word),
		setup: func(s *argv.Set) action {
			f := sequenceFlags{dir: "/containers/" + name, word: word}
			f.add(s)
			return f.run
		},
	}
}

type sequenceFlags struct {
	dir, word    string
	json, strict bool
	timeout      time.Duration
}

func (f *sequenceFlags) add(s *argv.Set) {
	addTree(s, &f.dir)
	s.Bool(&f.json, "json", 0, "print how each container ended as JSON, and nothing else on standard output")
	s.Bool(&f.strict, "strict", 0, "stop at the first failure, which an exit status other than 0 is, too")
	s.Func("timeout", 0, "DURATION", "kill a container that runs longer, such as 30s", func(v string) (err error) {
		if f.timeout, err = time.ParseDuration(v); err != nil || f.timeout <= 0 {
			return fmt.Errorf("%q is not a duration such as 30s", v)
		}
		return nil
	})
}

func (f *sequenceFlags) run(c *call, _ argv.Args) (int, error) {
	o, err := f.options(c)
	if err != nil {
		return 1, err
	}
	// Told to end, keg takes back what it has set up.
	ctx, stop := signal.NotifyContext(context.Background(), endSignals()...)
	defer stop()
	results, err := sequence.Run(ctx, o)
	if err != nil {
		return 1, err
	}
	if f.json {
		err = c.print(resultArray(results))
	} else {
		err = c.print(resultTable(results))
	}
	for i := range results {
		if r := &results[i]; r.Err != nil || f.strict && !r.OK() || ctx.Err() != nil {
			return 1, err
		}
	}
	return 0, err
}

func (f *sequenceFlags) options(c *call) (sequence.Options, error) {
	o := sequence.Options{
		Dir: f.dir, Word: f.word, Strict: f.strict, Timeout: f.timeout, Console: c.stdout,
		LogDir: "/run/log", LinkDir: "/var/log",
		LogSocket: loggingSocket, LogQuery: "/var/run/memlogdq.sock",
	}
	if f.json {
		o.Console, o.Stdout = c.log.stderr, os.Stderr
	}
	root, err := c.stateRoot()
	if err != nil {
		return o, err
	}
	parameters, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return o, err
	}
	for _, p := range strings.Fields(string(parameters)) {
		c.global.debug = c.global.debug || p == "linuxkit.runc_debug=1"
		o.ToConsole = o.ToConsole || p == "linuxkit.runc_console=1"
	}
	o.Launcher = &bundle.Launcher{Root: root, Records: recordsDir, Say: c.progress}
	o.Debug = c.global.debug
	if o.Launcher.Flags, err = c.createFlags(); err != nil {
		return o, err
	}
	o.Launcher.Reaper, err = reap.New()
	return o, err
}

// recordsDir is on the tmpfs that a machine boots with, as what it records is.
const recordsDir = "/run/keg-boot"
