package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/keg-project/keg/cmd/keg/argv"
)

func psCommand() command {
	return command{
		name: "ps", args: "ID [PS OPTION...]", min: 1, max: -1, audience: forEngines, verbatim: true,
		short: "list the processes of a container",
		long: "The table is that of ps(1) on the host, called with the PS OPTIONs (-ef without\n" +
			"any) and cut down to the container's processes. It needs a PID column.\n" +
			"JSON is an array of pids.\n\n" +
			"  keg ps mybox\n" +
			"  keg ps mybox -eo pid,rss,args\n" +
			"  keg ps --format json mybox",
		setup: setupPs,
	}
}

func setupPs(s *argv.Set) action {
	format := "table"
	s.Enum(&format, "format", 'f', "how to print them", "table", "json")
	return func(c *call, args argv.Args) (int, error) {
		words := args.All()
		options := words[1:]
		if !args.Dash {
			format, options = takeFormat(format, options)
		}
		ctr, err := c.load(words[0])
		if err != nil {
			return 1, err
		}
		pids, err := ctr.Processes()
		if err != nil {
			return 1, err
		}
		if format == "json" {
			return 0, c.print(pidArray(pids))
		}
		table, err := psTable(options)
		if err == nil {
			table, err = onlyPids(table, pids)
		}
		if err != nil {
			return 1, fmt.Errorf("ps: %w", err)
		}
		return 0, c.print(table)
	}
}

// takeFormat finds --format among the words behind the id, where runc's callers
// write it too. ps(1) has a --format of its own, without such values.
func takeFormat(format string, words []string) (string, []string) {
	for i, word := range words {
		name, value, given := strings.Cut(word, "=")
		n := 1
		if !given && i+1 < len(words) {
			value, n = words[i+1], 2
		}
		if (name == "--format" || name == "-format" || name == "-f") && (value == "json" || value == "table") {
			return value, slices.Delete(slices.Clone(words), i, i+n)
		}
	}
	return format, words
}

func pidArray(pids []int) []byte {
	b := []byte{'['}
	for i, pid := range pids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(pid), 10)
	}
	return append(b, "]\n"...)
}

func psTable(options []string) ([]byte, error) {
	if len(options) == 0 {
		options = []string{"-ef"}
	}
	// In the C locale a byte is a column, and what is not ASCII a question mark:
	// a process can choose its name and arguments, and so what else is read as a pid.
	ps := exec.Command("ps", options...)
	ps.Env = append(os.Environ(), "LC_ALL=C")
	table, err := ps.Output()
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("%w (hint: --format json needs none)", err)
	case errors.As(err, &exit):
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(append(table, exit.Stderr...)))
	}
	return table, err
}

// onlyPids keeps the heading and the lines of these processes.
func onlyPids(table []byte, pids []int) ([]byte, error) {
	title, rows, _ := bytes.Cut(table, []byte("\n"))
	column, ok := findColumn(string(title), "PID")
	if !ok {
		return nil, fmt.Errorf("no PID column in %q, so its lines cannot be told apart (hint: -o pid,...)", title)
	}
	kept := append(title[:len(title):len(title)], '\n')
	for row := range bytes.Lines(rows) {
		pid, ok := column.number(string(row))
		if !ok {
			return nil, fmt.Errorf("no pid in the line %q", row)
		}
		if slices.Contains(pids, pid) {
			kept = append(kept, row...)
		}
	}
	return kept, nil
}

// column is where a table has something: numbers are flush right below the
// title, unless something wide to the left of them has pushed them on.
type column struct{ end, index int }

func findColumn(title, name string) (column, bool) {
	end := 0
	for index, word := range strings.Fields(title) {
		end += strings.Index(title[end:], word) + len(word)
		if word == name {
			return column{end, index}, true
		}
	}
	return column{}, false
}

func (c column) number(row string) (int, bool) {
	row = strings.TrimRight(row, "\n")
	if c.end <= len(row) && (c.end == len(row) || row[c.end] == ' ') {
		start := strings.LastIndexByte(row[:c.end], ' ') + 1
		if n, err := strconv.Atoi(row[start:c.end]); err == nil {
			return n, true
		}
	}
	fields := strings.Fields(row)
	if c.index >= len(fields) {
		return 0, false
	}
	n, err := strconv.Atoi(fields[c.index])
	return n, err == nil
}
