package peers

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const document = "../../docs/cgroup-differences.md"

const preface = `<!-- Written by go generate from test/peers/differences_test.go. DO NOT EDIT. -->

# Where keg's cgroups differ from those of runc and crun

%d configurations of linux.resources, created with keg, runc 1.1.5 and crun 1.8.1 (Debian 12)
on cgroup v1 and v2: every setting of the container's cgroup, and which devices a process in
it may use, are the same, and what one refuses the others refuse, but for these. A test
fails on any other difference, and on a line that is no longer true.

| cgroup | than | of | configuration | keg | other | why |
|---|---|---|---|---|---|---|
`

func describe() string {
	var s strings.Builder
	fmt.Fprintf(&s, preface, len(configs))
	for _, d := range differences {
		row := []string{d.world, d.peer, "`" + d.file + "`", d.configs, d.keg, d.theirs, d.why}
		if d.world == "" {
			row[0] = "both"
		}
		if d.file == created {
			row[2] = "whether it is made"
		}
		if name, ok := strings.CutPrefix(d.file, device); ok {
			row[2] = "device `" + name + "`"
		}
		if d.configs == "" {
			row[3] = "any"
		}
		s.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	return s.String()
}

// The document says what the table does.
func TestDocument(t *testing.T) {
	if *docs {
		if err := os.WriteFile(document, []byte(describe()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(document)
	if err != nil || string(text) != describe() {
		t.Errorf("%s is not up to date: go generate ./test/peers", document)
	}
}

// Every row has a reason, and a configuration that it is about.
func TestDifferences(t *testing.T) {
	if len(configs) < 60 {
		t.Errorf("%d configurations, 60 are promised", len(configs))
	}
	for _, d := range differences {
		about := slices.ContainsFunc(configs, func(c config) bool { return d.configs == "" || anyOf(d.configs, c.name) })
		if !about || d.why == "" || d.keg == "" || d.theirs == "" {
			t.Errorf("incomplete, or about nothing: %+v", d)
		}
	}
}
