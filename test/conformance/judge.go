package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Results are the reports by program and runtime.
type Results map[string]map[string]Report

// judge tells in which ways keg fails the program without a reason, or a peer
// passes what keg fails and the reason is not that the program is wrong.
func judge(program string, reports map[string]Report) []string {
	var faults []string
	keg := reports["keg"]
	for _, text := range failures(keg) {
		row := find(program, text)
		switch by := passedBy(reports, text); {
		case row == nil:
			faults = append(faults, fmt.Sprintf("%s: keg fails: %s (%d of them; peers that do not: %q)", program, text, keg.Failed[text], by))
		case len(by) > 0 && !row.allows():
			faults = append(faults, fmt.Sprintf("%s: keg fails what %q passes, and the reason is %q: %s", program, by, row.cause, text))
		}
	}
	for text, n := range keg.Passed {
		for _, p := range peers {
			if most := reports[p].Passed[text]; most > n && keg.Failed[text] == 0 && find(program, text) == nil {
				faults = append(faults, fmt.Sprintf("%s: keg passes %d times, %s %d: %s", program, n, p, most, text))
			}
		}
	}
	faults = append(faults, missed(program, reports)...)
	slices.Sort(faults)
	return faults
}

// missed are the assertions that a peer passes and that keg does not come to: a
// program that gives up has many.
func missed(program string, reports map[string]Report) []string {
	var faults []string
	keg := reports["keg"]
	for _, p := range peers {
		var texts []string
		for text := range reports[p].Passed {
			if keg.Passed[text] == 0 && keg.Failed[text] == 0 && find(program, text) == nil {
				texts = append(texts, text)
			}
		}
		if len(texts) > 0 {
			slices.Sort(texts)
			faults = append(faults, fmt.Sprintf("%s: keg does not come to what %s passes: %s (%d such)", program, p, texts[0], len(texts)))
		}
	}
	return faults
}

// ending stands for a program that gave up.
const ending = "ends early"

func failures(r Report) []string {
	list := slices.Sorted(maps.Keys(r.Failed))
	if r.Exit != 0 {
		list = append(list, ending)
	}
	return list
}

// passedBy are the peers that pass it, more often than keg does, or the whole program.
func passedBy(reports map[string]Report, text string) []string {
	var by []string
	for _, p := range peers {
		r := reports[p]
		if r.Passes() || r.Passed[text] > reports["keg"].Passed[text] {
			by = append(by, p)
		}
	}
	return by
}

// find is the row that explains keg's failure.
func find(program, text string) *row {
	for i, r := range rows {
		if slices.Contains(strings.Fields(r.programs), program) && strings.Contains(text, r.text) {
			return &rows[i]
		}
	}
	return nil
}

// unused are rows that explain nothing that occurs; another machine lacks other things.
func unused(all Results) []row {
	var list []row
	for i := range rows {
		occurs := false
		for program, reports := range all {
			for _, text := range failures(reports["keg"]) {
				occurs = occurs || find(program, text) == &rows[i]
			}
		}
		if !occurs && rows[i].cause != machine {
			list = append(list, rows[i])
		}
	}
	return list
}

// String is the cell of the table.
func (r Report) String() string {
	passed, failed := total(r.Passed), total(r.Failed)
	switch {
	case r.Passes() && passed == 0:
		return "ok"
	case r.Passes():
		return fmt.Sprintf("ok (%d)", passed)
	}
	s := fmt.Sprintf("%d of %d", passed, passed+failed)
	if r.Exit != 0 {
		s += ", " + ending
	}
	return s
}
