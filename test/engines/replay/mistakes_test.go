package replay

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
)

// mistake is a call that goes wrong, with runc and with keg.
type mistake struct {
	status string // of the container before
	args   string
	words  string // that both say; engines look for some of them
	code   string // why the exit status is another than runc's
}

// noProgram is why exec has one exit status for all that keg does wrong: 1 is most
// often the program's own.
const noProgram = "runc has 255 for some failures of exec, and 1 for others"

var mistakes = []mistake{
	{"", "state {id}", "does not exist", ""},
	{"", "start {id}", "does not exist", ""},
	{"", "kill {id} 9", "does not exist", ""},
	{"", "kill --all {id} 9", "does not exist", ""},
	{"", "delete {id}", "does not exist", ""},
	{"", "exec {id} true", "does not exist", ""},
	{"", "ps {id}", "does not exist", ""},
	{"", "ps --format json {id}", "does not exist", ""},
	{"", "pause {id}", "does not exist", ""},
	{"", "resume {id}", "does not exist", ""},
	{"", "update --pids-limit 5 {id}", "does not exist", ""},
	{"", "events --stats {id}", "does not exist", ""},
	{"created", "create --bundle {dir} {id}", "exists", ""},
	{"running", "create --bundle {dir} {id}", "exists", ""},
	{"stopped", "run --bundle {dir} {id}", "exists", ""},
	{"", "create --bundle {dir}/none {id}", "no such file or directory", ""},
	{"", "create --bundle {dir}/rootfs {id}", "config.json", ""},
	{"", "create --bundle {dir} ../{id}", "invalid container", ""},
	{"", "create --bundle", "flag needs an argument", ""},
	{"", "create --pid-file", "flag needs an argument", ""},
	{"", "update --memory", "flag needs an argument", ""},
	{"", "--root", "flag needs an argument", ""},
	{"", "create --nope {id}", "-nope", ""},
	{"", "--nope state {id}", "-nope", ""},
	{"", "state --nope {id}", "-nope", ""},
	{"", "frobnicate", "frobnicate", "3 is nothing that a caller expects"},
	{"", "create", "exactly 1 argument", ""},
	{"", "create {id} more", "exactly 1 argument", ""},
	{"", "start", "exactly 1 argument", ""},
	{"", "start {id} more", "exactly 1 argument", ""},
	{"", "state", "exactly 1 argument", ""},
	{"", "delete", "1 argument", ""},
	{"", "kill", "1 argument", ""},
	{"", "kill {id} 9 more", "argument", ""},
	{"", "exec", "1 argument", noProgram},
	{"", "pause", "exactly 1 argument", ""},
	{"", "events", "exactly 1 argument", ""},
	{"", "update", "exactly 1 argument", ""},
	{"", "list more", "argument", ""},
	{"", "spec more", "argument", ""},
	{"running", "kill {id} NOPE", "NOPE", ""},
	{"running", "kill {id} 9x", "9x", ""},
	{"running", "exec {id}", "", ""},
	{"running", "exec {id} no-such-program", "executable file not found in $PATH", ""},
	{"running", "exec {id} /etc/passwd", "permission denied", ""},
	{"running", "exec {id} /no/such/program", "no such file or directory", ""},
	{"running", "exec --cwd /no/such {id} true", "no such file or directory", ""},
	{"running", "exec --user x {id} true", "x", ""},
	{"running", "exec --process {dir}/none.json {id}", "no such file or directory", ""},
	{"running", "exec --preserve-fds x {id} true", "x", noProgram},
	{"running", "start {id}", "", ""},
	{"running", "delete {id}", "cannot delete container", ""},
	{"running", "resume {id}", "not paused", ""},
	{"running", "ps -f yaml {id}", "", ""},
	{"running", "events --interval 0 {id}", "interval", ""},
	{"running", "update --memory much {id}", "much", ""},
	{"running", "update -r {dir}/none.json {id}", "no such file or directory", ""},
	{"running", "update -r {dir}/rootfs/etc/passwd {id}", "", ""},
	{"created", "resume {id}", "not paused", ""},
	{"paused", "pause {id}", "", ""},
	{"paused", "exec {id} true", "paused", ""},
	{"paused", "start {id}", "", ""},
	{"paused", "delete {id}", "cannot delete container", ""},
	{"stopped", "exec {id} true", "stopped", ""},
	{"stopped", "start {id}", "", ""},
	{"stopped", "kill {id} 9", "container not running", ""},
	{"stopped", "kill {id} 0", "container not running", ""},
	{"stopped", "pause {id}", "", ""},
	{"stopped", "resume {id}", "not paused", ""},
	{"stopped", "update --pids-limit 5 {id}", "", ""},
	{"stopped", "events --stats {id}", "", ""},
	{"", "--log-format xml state {id}", "xml", ""},
	{"", "--rootless=perhaps state {id}", "", ""},
	{"", "list --format yaml", "", ""},
	{"", "--root {dir}/none list", "", "a directory that was named and is not there is a mistake; runc lists none"},
	{"", "create --console-socket {dir}/none.sock --bundle {dir} {id}", "onsole", ""},
}

// TestMistakes compares what is said about what goes wrong: the exit status, the
// last line of the log, that standard error says it too, and that standard output
// does not.
func TestMistakes(t *testing.T) {
	engines.Need(t, "runc")
	for _, m := range mistakes {
		t.Run(strings.ReplaceAll(m.args+" of "+m.status, " ", "_"), func(t *testing.T) {
			var codes []int
			for _, r := range engines.Runtimes(t) {
				s := newSite(t, r, "sleep", "1000")
				s.bring(m.status)
				codes = append(codes, s.fail(m))
			}
			if (codes[0] == codes[1]) == (m.code != "") {
				t.Errorf("exit status %d, runc's is %d, which is said to differ: %q", codes[1], codes[0], m.code)
			}
		})
	}
}

func (s *site) fail(m mistake) (code int) {
	s.t.Helper()
	log := filepath.Join(s.bundle.Dir, "log.json")
	words := strings.Fields(strings.NewReplacer("{id}", s.id, "{dir}", s.bundle.Dir).Replace(m.args))
	r := s.call(append([]string{"--log", log, "--log-format", "json"}, words...)...)
	if os.Getenv("KEG_SHOW") != "" {
		s.t.Logf("%s: %d\nout: %s\nerr: %s\nlog: %s", s.runtime.Name, r.Code, r.Stdout, r.Stderr, strings.Join(logLines(s.t, log), ""))
	}
	if r.Code == 0 && m.code == "" {
		s.t.Errorf("%s: exit status 0", s.runtime.Name)
	}
	lines := logLines(s.t, log)
	if len(lines) == 0 && s.runtime.Name == "runc" { // it opens its log once it knows all global flags
		lines = []string{r.Stderr}
	}
	said := s.lastError(lines)
	if !strings.Contains(said, m.words) {
		s.t.Errorf("%s: %q does not say %q", s.runtime.Name, said, m.words)
	}
	if !strings.Contains(r.Stderr, said) {
		s.t.Errorf("%s: standard error %q says something else than the log, %q", s.runtime.Name, r.Stderr, said)
	}
	if s.runtime.Name == "keg" && r.Stdout != "" {
		s.t.Errorf("keg: standard output %q", r.Stdout)
	}
	return r.Code
}

// lastError is the message of the log's last line, which is all that an engine
// shows of it.
func (s *site) lastError(lines []string) string {
	s.t.Helper()
	if len(lines) == 0 {
		s.t.Errorf("%s: nothing in the log", s.runtime.Name)
		return ""
	}
	last := lines[len(lines)-1]
	if s.runtime.Name == "runc" && !strings.HasPrefix(last, "{") {
		return last
	}
	var said struct{ Level, Msg string }
	if err := json.Unmarshal([]byte(last), &said); err != nil || !logLine.MatchString(last) || said.Level != "error" {
		s.t.Errorf("%s: the last line of the log: %q, %v", s.runtime.Name, last, err)
	}
	return said.Msg
}
