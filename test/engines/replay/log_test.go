package replay

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
)

var textLine = regexp.MustCompile(`^time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[-+]\d\d:\d\d)" level=(debug|info|warning|error) msg=("(\\.|[^"\\])*"|\S+)\n$`)

// TestLogs compares the lines of both formats, with --debug and of an error, and
// that they are appended to what is there.
func TestLogs(t *testing.T) {
	engines.Need(t, "runc")
	for format, line := range map[string]*regexp.Regexp{"text": textLine, "json": logLine} {
		t.Run(format, func(t *testing.T) {
			for _, r := range engines.Runtimes(t) {
				s := newSite(t, r, "true")
				path := filepath.Join(s.bundle.Dir, "log")
				if err := os.WriteFile(path, []byte("there before\n"), 0o644); err != nil {
					t.Fatal(err)
				}
				flags := []string{"--debug", "--log", path, "--log-format", format}
				s.must(append(flags, "create", "--bundle", s.bundle.Dir, s.id)...)
				debugged := logLines(t, path)
				// With --debug, runc says in which of its lines an error came up.
				if failed := s.call(append(flags[1:], "start", "none")...); failed.Code != 1 || !strings.Contains(failed.Stderr, "does not exist") {
					t.Errorf("%s: %+v", r.Name, failed)
				}
				s.check(logLines(t, path), len(debugged), line)
			}
		})
	}
}

// check looks at the lines of a log: the first is not the runtime's, and there
// were only so many before something failed.
func (s *site) check(lines []string, before int, line *regexp.Regexp) {
	s.t.Helper()
	if before < 2 || len(lines) <= before || lines[0] != "there before\n" {
		s.t.Fatalf("%s: after create %d lines, then %q", s.runtime.Name, before, lines)
	}
	for i, l := range lines[1:] {
		failed := strings.Contains(l, "level=error") || strings.Contains(l, `"level":"error"`)
		if !line.MatchString(l) || failed != (i == len(lines)-2) {
			s.t.Errorf("%s: line %d of %d: %q", s.runtime.Name, i+2, len(lines), l)
		}
	}
}
