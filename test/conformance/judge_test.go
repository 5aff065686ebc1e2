package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestJudge shows that a failure of keg's is found, and which excuses count.
func TestJudge(t *testing.T) {
	defer func(r []row) { rows = r }(rows)
	rows = []row{
		{programs: "old other", text: "MUST warn", cause: specification},
		{programs: "lacking", cause: machine},
	}
	pass := Report{Passed: map[string]int{"a": 2}}
	fails := func(text string) Report {
		return Report{Passed: map[string]int{"a": 2}, Failed: map[string]int{text: 1}}
	}
	early := Report{Passed: map[string]int{"a": 1}, Exit: 1}
	for _, c := range []struct {
		program         string
		keg, runc, crun Report
		want            string // part of the only fault
	}{
		{"any", pass, pass, fails("b"), ""},
		{"any", fails("b"), pass, pass, "keg fails: b"},
		{"any", fails("b"), fails("b"), fails("b"), "keg fails: b"},
		{"old", fails("it MUST warn"), pass, pass, ""},
		{"old", fails("b"), pass, pass, "keg fails: b"},
		{"lacking", fails("b"), fails("b"), fails("b"), ""},
		{"lacking", fails("b"), fails("b"), pass, `keg fails what ["crun"] passes`},
		{"any", early, early, early, "keg fails: " + ending},
		{"lacking", early, early, early, ""},
		{"any", Report{Passed: map[string]int{"a": 1}}, pass, early, "keg passes 1 times, runc 2: a"},
		{"any", Report{}, pass, early, "keg does not come to what runc passes: a"},
	} {
		got := judge(c.program, map[string]Report{"keg": c.keg, "runc": c.runc, "crun": c.crun})
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
			t.Errorf("%s: %+v: %q, want %q", c.program, c.keg, got, c.want)
		}
	}
}

// TestRows shows that each row has a reason, and that its clause says so in the
// text of the specification that keg follows.
func TestRows(t *testing.T) {
	dir := module(t, "github.com/opencontainers/runtime-spec")
	for _, r := range rows {
		if r.programs == "" || r.why == "" {
			t.Errorf("incomplete: %+v", r)
		}
		if r.clause == "" {
			if r.cause == specification || r.cause == practice {
				t.Errorf("no clause: %+v", r)
			}
			continue
		}
		file, anchor, _ := strings.Cut(r.clause, "#")
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
			continue
		}
		_, section, found := strings.Cut(string(text), `<a name="`+anchor+`"`)
		if !found || !strings.Contains(simple(section), simple(r.says)) {
			t.Errorf("%s does not say: %s", r.clause, r.says)
		}
	}
}

// simple is text without line ends, links and typefaces.
func simple(text string) string {
	text = links.ReplaceAllString(text, "$1")
	return strings.Join(strings.Fields(strings.NewReplacer("`", "", "*", "").Replace(text)), " ")
}
