package engines

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

//go:generate go test . -run TestDocument -update

const document = "../../docs/engines.md"

const preface = `<!-- The tables are written by go generate from test/engines/testdata; the rest from test/engines/testdata/engines.md. DO NOT EDIT. -->

`

// describe is the text, in which each line "{{docker}}" stands for that engine's
// tables, and "{{docker, measured}}" for how long it took.
func describe(t *testing.T) string {
	text, err := os.ReadFile("testdata/engines.md")
	if err != nil {
		t.Fatal(err)
	}
	var s strings.Builder
	s.WriteString(preface)
	for line := range strings.Lines(string(text)) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "{{")
		name = strings.TrimSuffix(name, "}}")
		if engine, times := strings.CutSuffix(name, ", measured"); ok && times {
			times, err := loadMeasured(engine)
			if err != nil {
				t.Error(err)
			}
			s.WriteString(times.String())
		} else if ok {
			tables(t, &s, name)
		} else {
			s.WriteString(line)
		}
	}
	return s.String()
}

func tables(t *testing.T, s *strings.Builder, engine string) {
	files, _ := filepath.Glob("testdata/results/" + engine + ".*.json")
	if len(files) == 0 {
		t.Errorf("no results of %s", engine)
	}
	for _, f := range files {
		r, err := load(f)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		where := map[string]string{"v1": "cgroup v1 (hybrid)", "v2": "cgroup v2, systemd"}[r.World]
		fmt.Fprintf(s, "%s, %s:\n\n| what | runc | keg |\n|---|---|---|\n", r.Title, where)
		for _, row := range r.Rows {
			fmt.Fprintf(s, "| %s | %s | %s |\n", row.Scenario, row.Runc, row.Keg)
		}
		s.WriteString("\n")
		explain(s, r.Rows)
	}
}

// explain shows why rows fail with runc too.
func explain(s *strings.Builder, rows []Row) {
	for _, row := range rows {
		if row.Runc.Failed {
			fmt.Fprintf(s, "%s, with runc:\n\n    %s\n\n", row.Scenario, strings.ReplaceAll(row.Runc.Output, "\n", "\n    "))
		}
	}
}

// The document says what the results do.
func TestDocument(t *testing.T) {
	want := describe(t)
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil || string(got) != want {
		t.Errorf("%s is not up to date: go generate ./test/engines", document)
	}
}
