package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/keg-project/keg/boot/service"
	"github.com/keg-project/keg/cmd/keg/argv"
)

func bootStatusCommand() command {
	return command{
		name: "status", args: "[NAME]", min: 0, max: 1,
		short: "tell how the services are",
		long: "SINCE is how long a service has been in its state, RESTARTS how often it was started\n" +
			"again after a failure, and LAST how its last run has ended. How one has ended while no\n" +
			"supervisor was there, nobody can tell: that is \"end unknown\", and counts as a failure.",
		setup: func(s *argv.Set) action {
			var runDir string
			var asJSON bool
			addRunDir(s, &runDir)
			s.Bool(&asJSON, "json", 0, "print JSON")
			return func(c *call, args argv.Args) (int, error) {
				r := service.Request{Op: service.StatusOp}
				if len(args.All()) > 0 {
					r.Name = args.All()[0]
				}
				a, err := ask(runDir, r)
				if err != nil {
					return 1, err
				}
				if asJSON {
					text, err := statusJSON(a.Services)
					if err != nil {
						return 1, err
					}
					return 0, c.print(text)
				}
				return 0, c.print(statusTable(a.Services, time.Now()))
			}
		},
	}
}

func statusJSON(list []service.Status) ([]byte, error) {
	if list == nil {
		list = []service.Status{}
	}
	text, err := json.MarshalIndent(list, "", "  ")
	return append(text, '\n'), err
}

func statusTable(list []service.Status, now time.Time) []byte {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 1, 3, ' ', 0)
	fmt.Fprint(w, "NAME\tSTATE\tPID\tSINCE\tRESTARTS\tLAST\n")
	for _, s := range list {
		pid, last := "-", "-"
		if s.Pid > 0 {
			pid = strconv.Itoa(s.Pid)
		}
		if s.Last != nil {
			last = firstLine(s.Last.String())
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\n", s.Name, s.State, pid, age(now.Sub(s.Since)), s.Restarts, printable(last))
	}
	w.Flush() // into memory: cannot fail
	for _, s := range list {
		if s.Says != "" {
			fmt.Fprintf(&b, "%s says: %s\n", s.Name, printable(s.Says))
		}
		if s.Unlogged != "" {
			fmt.Fprintf(&b, "%s: %s: what it writes is lost\n", s.Name, printable(s.Unlogged))
		}
		if s.Note != "" {
			fmt.Fprintln(&b, printable(s.Note))
		}
	}
	return b.Bytes()
}

func firstLine(text string) string {
	first, _, more := strings.Cut(text, "\n")
	if more {
		first += " ..."
	}
	return first
}

// age has two units: enough to compare with.
func age(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 24*3600:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%02dh", s/86400, s/3600%24)
}
