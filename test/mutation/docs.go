package main

import "strings"

// document is written from the table, by go generate.
//
//go:generate go run . -docs
const document = "docs/security.md"

const preface = `<!-- Written by go generate from test/mutation/defences_*.go. DO NOT EDIT. -->

# What keg does against what went wrong elsewhere

Each line is a defence, with a test that fails without it: ` + "`make mutation`" + ` (CI runs
it, too) builds keg with one defence after the other switched off, and runs the test.

| defect | defence | where | test |
|---|---|---|---|
`

// describe is the text of the document.
func describe(list []defence) string {
	var s strings.Builder
	s.WriteString(preface)
	last := ""
	for _, d := range list {
		row := d.row
		if row == last {
			row = ""
		}
		last = d.row
		tests := make([]string, len(d.tests))
		for i, t := range d.tests {
			tests[i] = "`" + t.pkg + "` " + t.function()
		}
		s.WriteString("| " + strings.Join([]string{row, d.name, "`" + d.file + "`", strings.Join(tests, ", ")}, " | ") + " |\n")
	}
	return s.String()
}
