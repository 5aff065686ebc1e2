package jsonscan

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// SyntaxError says where a text stops being JSON.
type SyntaxError struct {
	Line, Column int    // from 1; columns count characters
	Path         string // of the value that was being read
	Found        string
	Expected     string
}

func (e *SyntaxError) Error() string {
	where := strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": "
	if e.Path != "" {
		where += e.Path + ": "
	}
	return where + "found " + e.Found + "; expected " + e.Expected
}

// Mismatch is a value whose type, or whose size, is not the field's.
type Mismatch struct {
	Path    string
	Found   string // the value, shortened
	Allowed string
}

// Mismatch notes that the value that comes next is none of those allowed, and
// passes it.
func (s *Scanner) Mismatch(allowed string) {
	s.space()
	start := s.pos
	depth := len(s.path)
	s.Skip()
	if s.syntax == nil {
		m := Mismatch{pathString(s.path[:depth]), found(s.src[start:s.pos]), allowed}
		s.mismatches = append(s.mismatches, m)
	}
}

// Unknown passes the value of a member that nobody knows, and notes it.
func (s *Scanner) Unknown() {
	s.path[len(s.path)-1].kind = fieldElement
	s.unknown = append(s.unknown, pathString(s.path))
	s.Skip()
}

// UnknownMembers are the paths of those that Unknown has passed.
func (s *Scanner) UnknownMembers() []string { return s.unknown }

// found describes a value by its text.
func found(value string) string {
	const most = 64
	switch {
	case value[0] == '{':
		return "an object"
	case value[0] == '[':
		return "an array"
	case len(value) > most:
		end := most
		for !utf8.RuneStart(value[end]) {
			end--
		}
		return value[:end] + "..."
	}
	return value
}

// fail ends the scan at the current position; failAt at another. They return
// "" for the convenience of those that return a text.
func (s *Scanner) fail(expected string) string { return s.failAt(s.pos, expected) }

func (s *Scanner) failAt(pos int, expected string) string {
	if s.syntax == nil {
		before := s.src[:pos]
		line := before[strings.LastIndexByte(before, '\n')+1:]
		s.syntax = &SyntaxError{
			Line:     strings.Count(before, "\n") + 1,
			Column:   utf8.RuneCountInString(line) + 1,
			Path:     pathString(s.path),
			Found:    character(s.src[pos:]),
			Expected: expected,
		}
	}
	s.pos = len(s.src) // whoever still reads finds the end
	return ""
}

func character(rest string) string {
	if rest == "" {
		return "the end of the text"
	}
	_, n := utf8.DecodeRuneInString(rest)
	return strconv.Quote(rest[:n])
}

// element is one level of the path: a key that is not yet known to be a
// field's, a field, or an index.
type element struct {
	name  string
	index int // of the member or element that is being read; -1 before the first
	kind  elementKind
}

type elementKind uint8

const (
	noElement elementKind = iota // in front of the first
	keyElement
	fieldElement
	indexElement
)

// pathString writes a path as a reader would: mounts[3].options[1], and
// linux.sysctl["net.core.somaxconn"] for the keys of a map.
func pathString(path []element) string {
	var b strings.Builder
	for _, e := range path {
		switch e.kind {
		case fieldElement:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(e.name)
		case keyElement:
			b.WriteString("[" + strconv.Quote(e.name) + "]")
		case indexElement:
			b.WriteString("[" + strconv.Itoa(e.index) + "]")
		}
	}
	return b.String()
}
