package replay

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
)

// before is the status that a container is in when a command comes.
var before = map[string]string{
	"start": "created", "exec": "running", "state": "running", "kill": "running", "ps": "running", "events": "running",
	"pause": "running", "update": "running", "resume": "paused", "delete": "stopped",
}

// after is the status that a command leaves, where it changes it.
var after = map[string]string{"create": "created", "start": "running", "pause": "paused", "resume": "running"}

// TestReplay does what the engines do once more, with runc and with keg.
func TestReplay(t *testing.T) {
	engines.Need(t, "runc")
	files, _ := filepath.Glob("testdata/calls/*.json")
	if len(files) == 0 {
		t.Fatal("no calls")
	}
	for _, file := range files {
		engine := strings.TrimSuffix(filepath.Base(file), ".json")
		for i, c := range readCalls(t, file) {
			t.Run(engine+"/"+c.command()+"-"+strconv.Itoa(i), func(t *testing.T) {
				answers := map[string]answer{}
				for _, r := range engines.Runtimes(t) {
					answers[r.Name] = replay(t, r, c)
				}
				compare(t, c, answers["runc"], answers["keg"])
			})
		}
	}
}

// replay makes the call on a container that is in the status for it.
func replay(t *testing.T, r engines.Runtime, c Call) answer {
	t.Helper()
	s := newSite(t, r, "sleep", "1000")
	if terminal := c.has("--console-socket"); terminal && c.command() != "exec" {
		s.bundle.Spec.Process.Terminal = true
		s.bundle.Write()
	} else if c.command() == "run" {
		s.bundle.Spec.Process.Args = []string{"echo", "hello"}
		s.bundle.Write()
	}
	status := before[c.command()]
	if c.command() == "delete" && c.has("--force") {
		status = "running"
	}
	s.bring(status)
	return s.carryOut(c)
}

var (
	version = regexp.MustCompile(`^(runc|keg) version \S+\ncommit: \S+\nspec: [0-9.]+(-\w+)*\ngo: go[0-9.]+\n`)
	digits  = regexp.MustCompile(`^[1-9][0-9]*$`)
	logLine = regexp.MustCompile(`^\{"level":"(debug|info|warning|error)","msg":"(\\.|[^"\\])*","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[-+]\d\d:\d\d)"\}\n$`)
)

// compare holds keg's answer to runc's.
func compare(t *testing.T, c Call, runc, keg answer) {
	t.Helper()
	if keg.code != runc.code {
		t.Errorf("exit status %d, runc's is %d\n%s%s", keg.code, runc.code, keg.stderr, strings.Join(keg.log, ""))
	}
	if keg.status != runc.status {
		t.Errorf("the container is %q, with runc %q", keg.status, runc.status)
	}
	if want := after[c.command()]; keg.code == 0 && want != "" && keg.status != want {
		t.Errorf("the container is %q, want %q", keg.status, want)
	}
	if keg.stderr != "" && runc.stderr == "" {
		t.Errorf("standard error %q, runc's %q", keg.stderr, runc.stderr)
	}
	if keg.tty != runc.tty || keg.tty != c.has("--console-socket") {
		t.Errorf("a terminal came: %v, with runc %v", keg.tty, runc.tty)
	}
	if c.has("--pid-file") && !(digits.MatchString(keg.pid) && digits.MatchString(runc.pid)) {
		t.Errorf("pid file %q, runc's %q", keg.pid, runc.pid)
	}
	compareLogs(t, c, runc, keg)
	compareOutput(t, c, runc, keg)
}

func compareLogs(t *testing.T, c Call, runc, keg answer) {
	t.Helper()
	for _, line := range slices.Concat(runc.log, keg.log) {
		if c.value("--log-format") == "json" && !logLine.MatchString(line) {
			t.Errorf("a line of the log: %q", line)
		}
	}
	if errorLines(keg.log) != errorLines(runc.log) {
		t.Errorf("errors in the log\n%s\nrunc's\n%s", keg.log, runc.log)
	}
}

func errorLines(log []string) (n int) {
	for _, line := range log {
		if strings.Contains(line, `"level":"error"`) || strings.Contains(line, "level=error") {
			n++
		}
	}
	return n
}

func compareOutput(t *testing.T, c Call, runc, keg answer) {
	t.Helper()
	switch {
	case c.command() == "--version" || c.command() == "-v":
		if !version.MatchString(keg.stdout) || !version.MatchString(runc.stdout) {
			t.Errorf("%q\nrunc's\n%q", keg.stdout, runc.stdout)
		}
	case strings.HasPrefix(runc.stdout, "{") || strings.HasPrefix(runc.stdout, "["):
		compareJSON(t, c.command(), runc.stdout, keg.stdout)
	case keg.stdout != runc.stdout:
		t.Errorf("output %q, runc's %q", keg.stdout, runc.stdout)
	}
}
