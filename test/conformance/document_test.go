package conformance

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var links = regexp.MustCompile(`\[([^]]*)\](\([^)]*\)|\[[^]]*\])`)

const document = "../../docs/conformance.md"

const preface = `<!-- Written by go generate from test/conformance. DO NOT EDIT. -->

# The OCI's validation programs

` + "`make conformance`" + ` runs the programs of github.com/opencontainers/runtime-tools
(validation/, as of November 2025) against keg, runc 1.1.5 and crun 1.8.1 (Debian 12), side by
side, on a machine with cgroup v1. It fails when keg fails what one of the others passes,
unless the specification says otherwise, or when a program's result for keg is no longer this one.

A cell says how many assertions passed. "ok" alone: the program asserts nothing by number, and
had nothing to say. "ends early": it gave up, and what it would have asked next is not counted.

| program | keg | runc | crun |
|---|---|---|---|
`

var headings = []struct {
	cause
	text string
}{
	{specification, "## Where a program contradicts the specification\n\nThe programs are older than version 1.3. There keg does what the clause says.\n\n"},
	{practice, "## Where keg does as runc and crun do\n\nThe clause is with the program, and no runtime here follows it.\n\n"},
	{program, "## Where a program is wrong by itself\n\n"},
	{machine, "## What the machine lacks\n\n"},
}

func describe(t *testing.T) string {
	var s strings.Builder
	s.WriteString(preface)
	results := load(t)
	for _, p := range slices.Sorted(maps.Keys(results)) {
		fmt.Fprintf(&s, "| %s | %s | %s | %s |\n", p, results[p]["keg"], results[p]["runc"], results[p]["crun"])
	}
	for _, h := range headings {
		var list strings.Builder
		for _, r := range rows {
			if r.cause == h.cause {
				list.WriteString(r.String())
			}
		}
		if list.Len() > 0 {
			s.WriteString("\n" + h.text + list.String())
		}
	}
	s.WriteString("\n## Programs that race with their own containers\n\nEach has five attempts, on any runtime, and every other program two.\n\n")
	for _, p := range slices.Sorted(maps.Keys(racing)) {
		fmt.Fprintf(&s, "- `%s`: %s.\n", p, racing[p])
	}
	return s.String()
}

// String is the row's item of a list.
func (r row) String() string {
	s := "- " + strings.Join(strings.Fields(r.programs), ", ")
	if r.text != "" {
		s += `, "` + r.text + `"`
	}
	s += ": " + r.why
	if r.clause != "" {
		s += fmt.Sprintf(" (%s: \"%s\")", r.clause, r.says)
	}
	return s + "\n"
}

// The document says what the table and the results do.
func TestDocument(t *testing.T) {
	if *docs {
		if err := os.WriteFile(document, []byte(describe(t)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(document)
	if err != nil || string(text) != describe(t) {
		t.Errorf("%s is not up to date: go -C test/conformance generate", document)
	}
}
