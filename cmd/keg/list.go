package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/keg-project/keg/cmd/keg/argv"
	"github.com/keg-project/keg/container"
)

func listCommand() command {
	return command{
		name: "list", max: 0, audience: forEngines,
		short: "list the containers",
		long: "Each user has containers of their own: root's are recorded in /run/keg, other\n" +
			"users' in $XDG_RUNTIME_DIR/keg, and --root names another place.",
		setup: setupList,
	}
}

func setupList(s *argv.Set) action {
	format, quiet := "table", false
	s.Enum(&format, "format", 'f', "how to print them", "table", "json")
	s.Bool(&quiet, "quiet", 'q', "print ids alone")
	return func(c *call, _ argv.Args) (int, error) {
		infos, err := c.containers()
		if err != nil {
			return 1, err
		}
		switch {
		case quiet:
			return 0, c.print(idLines(infos))
		case format == "json":
			return 0, c.print(infoArray(infos))
		}
		return 0, c.print(infoTable(infos))
	}
}

// containers are those under the state root. That root is made by the first
// container: until then there are none, unless a caller named another place.
func (c *call) containers() ([]container.Info, error) {
	root, err := c.stateRoot()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(root); errors.Is(err, os.ErrNotExist) {
		if c.global.root == "" {
			return nil, nil
		}
		return nil, fmt.Errorf("--root: %w", err)
	}
	return container.List(root)
}

func idLines(infos []container.Info) []byte {
	var b []byte
	for _, info := range infos {
		b = append(append(b, info.ID...), '\n')
	}
	return b
}

func infoArray(infos []container.Info) []byte {
	b := []byte{'['}
	for i, info := range infos {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendInfo(b, info, "")
	}
	return append(b, "]\n"...)
}

func infoTable(infos []container.Info) []byte {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 12, 1, 3, ' ', 0)
	fmt.Fprint(w, "ID\tPID\tSTATUS\tBUNDLE\tCREATED\tOWNER\n")
	for _, info := range infos {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", info.ID, info.Pid, info.Status,
			info.Bundle, info.Created.Format(time.RFC3339Nano), info.Owner)
	}
	w.Flush() // into memory: cannot fail
	return b.Bytes()
}
