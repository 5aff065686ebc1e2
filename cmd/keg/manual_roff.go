package main

import (
	"fmt"
	"strings"
)

// page is a manual page in the macros of man(7), which every man knows.
type page struct{ strings.Builder }

func newPage(name, date string) *page {
	p := new(page)
	number, _ := buildVersion()
	fmt.Fprintf(p, ".\\\" Printed by `keg manual`.\n.TH %s 1 \"%s\" \"keg %s\" \"keg manual\"\n",
		strings.ToUpper(name), date, number)
	p.macro(".nh") // names and flags are not to be broken
	p.macro(".ad l")
	return p
}

func (p *page) section(title string) { p.macro(".SH " + title) }

func (p *page) macro(text string) { p.WriteString(text + "\n") }

// line writes a line of text that is roff already.
func (p *page) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	p.WriteString(text + "\n")
}

// term is something with its explanation below it.
func (p *page) term(name, what string) {
	p.macro(".TP")
	p.line(name)
	p.line(prose(what))
}

// text turns help's text to roff: paragraphs are filled, and lines that are
// indented stay as they are.
func (p *page) text(text string) {
	example, blank, first := false, false, true
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			blank = true
			continue
		}
		indented := strings.HasPrefix(line, "  ")
		switch {
		case example && !indented:
			p.macro(".EE\n.RE\n.PP")
		case example && blank:
			p.macro("")
		case !first && !example && (blank || indented):
			p.macro(".PP")
		}
		if indented {
			if !example {
				p.macro(".RS 4\n.EX")
			}
			p.line(literal(line[2:]))
		} else {
			p.line(prose(line))
		}
		example, blank, first = indented, false, false
	}
	if example {
		p.macro(".EE\n.RE")
	}
}

func reference(name string) string { return bold(name) + "(1)" }
func bold(s string) string         { return `\fB` + literal(s) + `\fR` }
func italic(s string) string       { return `\fI` + literal(s) + `\fR` }

// literal is what can be copied and typed: without it roff makes hyphens,
// quotation marks and accents of what it finds.
func literal(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(glyph(r))
	}
	return b.String()
}

func glyph(r rune) string {
	switch r {
	case '\\':
		return `\e`
	case '-':
		return `\-`
	case '\'':
		return `\(aq`
	case '`':
		return `\(ga`
	case '^':
		return `\(ha`
	case '~':
		return `\(ti`
	}
	if r > 126 {
		return fmt.Sprintf(`\[u%04X]`, r)
	}
	return string(r)
}

// prose is a sentence: what help sets in backquotes is bold, and apostrophes
// stay apostrophes.
func prose(s string) string {
	var b strings.Builder
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			b.WriteString(bold(part))
			continue
		}
		b.WriteString(strings.ReplaceAll(literal(part), `\(aq`, "'"))
	}
	return b.String()
}
