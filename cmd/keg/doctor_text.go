package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/keg-project/keg/doctor"
)

// examination is what doctor found, as a person reads it: by subjects, in each
// of them the worst first.
type examination struct {
	findings []doctor.Finding
	verbose  bool
	color    bool
	fine     []string // subjects of which there is nothing to show
	b        strings.Builder
}

// wantsColor: on a terminal, unless the caller wants none. no-color.org
func wantsColor(w io.Writer) bool {
	f, file := w.(*os.File)
	if !file || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (e *examination) String() string {
	var subjects []string
	for _, f := range e.findings {
		if !slices.Contains(subjects, f.Subject) {
			subjects = append(subjects, f.Subject)
		}
	}
	for _, subject := range subjects {
		e.subject(subject)
	}
	e.summary()
	return e.b.String()
}

func (e *examination) subject(subject string) {
	var shown []doctor.Finding
	hidden := 0
	for _, f := range e.findings {
		switch {
		case f.Subject != subject:
		case f.Detail && f.Level == doctor.OK && !e.verbose:
			hidden++
		default:
			shown = append(shown, f)
		}
	}
	if len(shown) == 0 {
		e.fine = append(e.fine, subject)
		return
	}
	slices.SortStableFunc(shown, func(a, b doctor.Finding) int { return cmp.Compare(b.Level, a.Level) })
	fmt.Fprintf(&e.b, "%s", e.bold(subject))
	if hidden > 0 {
		fmt.Fprintf(&e.b, "  (%s more: fine)", count(hidden, "check"))
	}
	e.b.WriteByte('\n')
	for _, f := range shown {
		e.finding(f)
	}
}

func (e *examination) finding(f doctor.Finding) {
	fmt.Fprintf(&e.b, "  %s %s: %s\n", e.mark(f.Level), f.Name, f.Found)
	if f.Means != "" && (e.verbose || f.Level >= doctor.Warning) {
		e.indented("for: " + f.Means)
	}
	if f.Mend != "" && (e.verbose || f.Level >= doctor.Warning) {
		e.indented("mend: " + f.Mend)
	}
}

func (e *examination) indented(text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if line != "" {
			e.b.WriteString("          " + line)
		}
		e.b.WriteByte('\n')
	}
}

// mark is the level, as wide for each.
func (e *examination) mark(l doctor.Level) string {
	colors := map[doctor.Level]string{doctor.OK: "32", doctor.Note: "36", doctor.Warning: "33", doctor.Error: "31;1"}
	return e.colored(colors[l], fmt.Sprintf("%-7s", l))
}

func (e *examination) bold(text string) string { return e.colored("1", text) }

func (e *examination) colored(code, text string) string {
	if !e.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (e *examination) summary() {
	if len(e.fine) > 0 {
		fmt.Fprintf(&e.b, "\nfine: %s\n", strings.Join(e.fine, ", "))
	}
	of := map[doctor.Level]int{}
	for _, f := range e.findings {
		of[f.Level]++
	}
	fmt.Fprintf(&e.b, "\n%s: %s, %s, %s", count(len(e.findings), "check"),
		count(of[doctor.Error], "error"), count(of[doctor.Warning], "warning"), count(of[doctor.Note], "note"))
	if !e.verbose {
		e.b.WriteString("; --verbose shows all, and what to do about notes")
	}
	e.b.WriteByte('\n')
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
