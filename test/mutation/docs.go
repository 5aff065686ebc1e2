package main

import (
	"slices"
	"strings"
)

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
	for _, d := range byRow(list) {
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

// byRow puts defences of one row together, where the first of them stands.
func byRow(list []defence) []defence {
	place := map[string]int{}
	for i, d := range list {
		if _, ok := place[d.row]; !ok {
			place[d.row] = i
		}
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b defence) int { return place[a.row] - place[b.row] })
	return sorted
}
