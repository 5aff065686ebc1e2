package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/keg-project/keg/cmd/keg/argv"
)

func manualCommand() command {
	return command{
		name: "manual", args: "[COMMAND]", max: 2,
		short: "print a manual page, keg's own or that of a command",
		long: "The pages are made for man, and need not be installed to be read:\n\n" +
			"  keg manual run | man -l -",
		setup: setupManual,
	}
}

func setupManual(s *argv.Set) action {
	var dir string
	s.String(&dir, "all", 0, "DIR", "write all pages into DIR instead")
	return func(c *call, args argv.Args) (int, error) {
		date, err := manualDate(os.Getenv("SOURCE_DATE_EPOCH"))
		if err != nil {
			return 1, err
		}
		words := args.All()
		switch {
		case dir != "" && len(words) > 0:
			return 1, fmt.Errorf("manual: --all and %q exclude each other", words[0])
		case dir != "":
			return 0, writeManual(dir, date)
		case len(words) == 0:
			return 0, c.print([]byte(kegPage(date)))
		}
		cmd, ok := findIn(commands(), words...)
		if !ok {
			return 1, fmt.Errorf("manual: unknown command %q; `%s help` lists them", strings.Join(words, " "), c.program)
		}
		return 0, c.print([]byte(commandPage(cmd, date)))
	}
}

// manualDate is the date in the pages' footers: the one that packagers set so
// that the same source gives the same files, and none without it.
func manualDate(epoch string) (string, error) {
	if epoch == "" {
		return "", nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return "", fmt.Errorf("SOURCE_DATE_EPOCH: %q is not a number of seconds", epoch)
	}
	return time.Unix(seconds, 0).UTC().Format(time.DateOnly), nil
}

// writeManual writes keg.1 and keg-COMMAND.1.
func writeManual(dir, date string) error {
	pages := map[string]string{"keg.1": kegPage(date)}
	for _, cmd := range allCommands() {
		pages["keg-"+cmd.key()+".1"] = commandPage(cmd, date)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
