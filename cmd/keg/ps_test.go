package main

import (
	"strings"
	"testing"
)

func TestOnlyPids(t *testing.T) {
	for name, tt := range map[string]struct{ table, want string }{
		"ef": {
			"UID          PID    PPID  C STIME TTY          TIME CMD\nroot           1       0  0 08:49 ?        00:00:00 init 7\nroot           7       1  0 08:49 ?        00:00:00 sh\n",
			"UID          PID    PPID  C STIME TTY          TIME CMD\nroot           7       1  0 08:49 ?        00:00:00 sh\n",
		},
		"pid alone":            {"    PID\n      1\n      7\n", "    PID\n      7\n"},
		"a number before it":   {"ELAPSED     PID\n      7       1\n      1       7\n", "ELAPSED     PID\n      1       7\n"},
		"spaces before it":     {"                 STARTED     PID\nSun Nov  7 09:11:17 2026       1\nSun Nov  1 09:11:17 2026       7\n", "                 STARTED     PID\nSun Nov  1 09:11:17 2026       7\n"},
		"pushed on":            {"USER         PID  PPID\nlongname12345678    7     1\nlongname12345678    1     7\n", "USER         PID  PPID\nlongname12345678    7     1\n"},
		"flush left":           {"PID   USER     TIME  COMMAND\n    1 root      0:00 init\n    7 root      0:00 sh\n", "PID   USER     TIME  COMMAND\n    7 root      0:00 sh\n"},
		"threads":              {"PID LWP\n  7   7\n  7   8\n  8   9\n", "PID LWP\n  7   7\n  7   8\n"},
		"PPID is another":      {"   PPID     PID\n      7       1\n      1       7\n", "   PPID     PID\n      1       7\n"},
		"no process is listed": {"    PID\n", "    PID\n"},
	} {
		got, err := onlyPids([]byte(tt.table), []int{7})
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, tt.want)
		}
	}
}

func TestOnlyPidsFails(t *testing.T) {
	for table, want := range map[string]string{
		"":                       "no PID column in \"\"",
		"USER PPID\nroot 7\n":    "no PID column in \"USER PPID\"",
		"USER PID\nroot seven\n": "no pid in the line",
		"USER PID\nroot\n":       "no pid in the line",
	} {
		if got, err := onlyPids([]byte(table), []int{7}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v", table, got, err)
		}
	}
}

func TestTakeFormat(t *testing.T) {
	for args, want := range map[string]string{
		"":                     "table:",
		"-ef":                  "table:-ef",
		"-f json":              "json:",
		"--format json":        "json:",
		"aux --format=json":    "json:aux",
		"-f=json -o pid":       "json:-o pid",
		"--format pid,comm":    "table:--format pid,comm",
		"-e --format pid json": "table:-e --format pid json",
		"-f":                   "table:-f",
	} {
		format, rest := takeFormat("table", strings.Fields(args))
		if got := format + ":" + strings.Join(rest, " "); got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
}

func TestPidArray(t *testing.T) {
	for want, pids := range map[string][]int{"[]\n": nil, "[7]\n": {7}, "[7,12]\n": {7, 12}} {
		if got := string(pidArray(pids)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
