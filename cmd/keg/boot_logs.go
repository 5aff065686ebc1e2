package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/keg-project/keg/boot/service"
	"github.com/keg-project/keg/cmd/keg/argv"
)

func bootLogsCommand() command {
	return command{
		name: "logs", args: "NAME", min: 1, max: 1,
		short: "print what a service has written",
		long: "Standard output and error have a log each, of which the one that is asked for is\n" +
			"printed, or both, one after the other; what is rotated and still kept comes first.\n" +
			"It also works when no supervisor is running.",
		setup: setupBootLogs,
	}
}

type logsFlags struct {
	runDir, logDir, stream string
	follow                 bool
	lines                  int
}

// followPause is how often a log is looked at: for eyes, that is at once.
const followPause = 200 * time.Millisecond

func setupBootLogs(s *argv.Set) action {
	f := &logsFlags{logDir: "/var/log", stream: "both", lines: -1}
	addRunDir(s, &f.runDir)
	s.String(&f.logDir, "log-dir", 0, "DIR", "where the logs are, when no supervisor can say so (default: "+f.logDir+")")
	s.Enum(&f.stream, "stream", 0, "which of them", "both", "stdout", "stderr")
	s.Bool(&f.follow, "follow", 'f', "go on printing what is written")
	s.Func("lines", 'n', "N", "begin with the last N lines of each (default: all)", func(v string) error {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return fmt.Errorf("%q is not a number of lines", v)
		}
		f.lines = int(n)
		return nil
	})
	return func(c *call, args argv.Args) (int, error) { return 0, f.run(c, args.All()[0]) }
}

func (f *logsFlags) run(c *call, name string) error {
	paths, err := f.paths(c, name)
	if err != nil {
		return err
	}
	var tails []*service.Tail
	for _, path := range paths {
		tail, text, err := service.NewTail(path, f.lines)
		if err != nil {
			return err
		}
		if err := c.print(text); err != nil {
			return err
		}
		tails = append(tails, tail)
	}
	for f.follow {
		time.Sleep(followPause)
		for _, tail := range tails {
			text, err := tail.Read()
			if err == nil && len(text) > 0 {
				err = c.print(text)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// paths are asked of the supervisor, or as it would name them.
func (f *logsFlags) paths(c *call, name string) ([]string, error) {
	stdout, stderr := service.LogPaths(f.logDir, name)
	a, err := ask(f.runDir, service.Request{Op: service.StatusOp, Name: name})
	switch {
	case errors.Is(err, service.ErrNotRunning):
		if name != filepath.Base(name) {
			return nil, fmt.Errorf("there is no service %q", name)
		}
		if missing(stdout) && missing(stderr) {
			return nil, fmt.Errorf("no supervisor is running, and there is no %s (hint: --run-dir and --log-dir are those of `keg boot services`)", stdout)
		}
	case err != nil:
		return nil, err
	case a.Services[0].Stdout == "":
		return nil, fmt.Errorf("%s: its output goes to who logs for the machine, by the logging socket", name)
	default:
		stdout, stderr = a.Services[0].Stdout, a.Services[0].Stderr
		if why := a.Services[0].Unlogged; why != "" {
			c.log.warn("%s: %s: what it writes is lost", name, why)
		}
	}
	return map[string][]string{"both": {stdout, stderr}, "stdout": {stdout}, "stderr": {stderr}}[f.stream], nil
}

func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
