// Package jsonscan reads JSON (RFC 8259, strictly) without reflection: the
// runtime under the decoders that jsonscan/gen writes. encoding/json builds
// its tables by reflection at the first use of every type, which a process
// that lives five milliseconds pays in full each time.
//
// A generated decoder walks the text once. A value of the wrong type is noted
// with its path and skipped, so that all of them can be reported; a syntax
// error ends the scan. Where the standard library has a choice (duplicate
// keys, letter case, null) this package chooses the same, because engines
// check a configuration with encoding/json before they hand it over, and two
// readers of one text must not differ.
//
// It is not for writing JSON, not for streams, and not for values whose shape
// is unknown when the program is compiled.
package jsonscan

// maxDepth bounds the recursion on nested objects and arrays, so that a file
// of a million brackets is an error and not an exhausted stack.
const maxDepth = 256

// Scanner reads one JSON text from front to back.
type Scanner struct {
	src        string
	pos        int
	path       []element
	syntax     *SyntaxError
	mismatches []Mismatch
	unknown    []string
}

// New returns a scanner at the start of data. Strings that it yields are parts
// of one copy of data: no allocation for each, and the caller may reuse data.
func New(data []byte) *Scanner {
	return &Scanner{src: string(data), path: make([]element, 0, 16)}
}

// Close checks that nothing but white space follows the value and returns the
// values of a wrong type, or the syntax error that ended the scan.
func (s *Scanner) Close() ([]Mismatch, error) {
	s.space()
	if s.syntax == nil && s.pos < len(s.src) {
		s.fail("the end of the text")
	}
	if s.syntax != nil {
		return nil, s.syntax
	}
	return s.mismatches, nil
}

// Object enters an object. It reports false for anything else: null is taken
// to say nothing, another type is noted as a mismatch.
func (s *Scanner) Object() bool { return s.enter('{', "an object") }

// Array enters an array, as Object enters an object.
func (s *Scanner) Array() bool { return s.enter('[', "an array") }

func (s *Scanner) enter(open byte, allowed string) bool {
	switch {
	case s.peek() == open:
	case s.Null():
		return false
	default:
		s.Mismatch(allowed)
		return false
	}
	if len(s.path) == maxDepth {
		s.fail("fewer than 256 levels of nesting")
		return false
	}
	s.pos++
	s.path = append(s.path, element{index: -1})
	return true
}

// Member goes to the value of the object's next member, and reports false,
// having left the object, where there is none.
func (s *Scanner) Member() bool {
	if !s.next('}') {
		return false
	}
	if s.peek() != '"' {
		s.fail("a member's name in double quotes")
		return false
	}
	key := s.text()
	if s.peek() != ':' {
		s.fail("a colon")
		return false
	}
	s.pos++
	top := &s.path[len(s.path)-1]
	top.name, top.kind = key, keyElement
	return true
}

// Element goes to the array's next element, as Member to an object's member.
func (s *Scanner) Element() bool {
	if !s.next(']') {
		return false
	}
	s.path[len(s.path)-1].kind = indexElement
	return true
}

// next passes the comma before the next member or element, or the closing
// bracket, where it reports false.
func (s *Scanner) next(closing byte) bool {
	c := s.peek()
	if s.syntax != nil {
		return false
	}
	top := &s.path[len(s.path)-1]
	if c == closing {
		s.pos++
		s.path = s.path[:len(s.path)-1]
		return false
	}
	top.index++
	if top.index == 0 {
		return true
	}
	if c != ',' {
		s.fail("a comma or " + string(rune(closing)))
		return false
	}
	s.pos++
	return true
}

// Null passes a null, and reports whether there was one.
func (s *Scanner) Null() bool {
	return s.peek() == 'n' && s.literal("null")
}

// Skip passes any value, checking its syntax.
func (s *Scanner) Skip() {
	switch c := s.peek(); {
	case c == '{':
		for more := s.Object(); more && s.Member(); {
			s.Skip()
		}
	case c == '[':
		for more := s.Array(); more && s.Element(); {
			s.Skip()
		}
	case c == '"':
		s.text()
	case c == 't':
		s.literal("true")
	case c == 'f':
		s.literal("false")
	case c == 'n':
		s.literal("null")
	case c == '-' || digit(c):
		s.number()
	default:
		s.fail("a value")
	}
}

// peek passes white space and returns the next byte, 0 at the end.
func (s *Scanner) peek() byte {
	s.space()
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

func (s *Scanner) space() {
	i := s.pos
	for i < len(s.src) && s.src[i] <= ' ' && isSpace(s.src[i]) {
		i++
	}
	s.pos = i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func (s *Scanner) literal(word string) bool {
	if rest := s.src[s.pos:]; len(rest) < len(word) || rest[:len(word)] != word {
		s.fail(word)
		return false
	}
	s.pos += len(word)
	return true
}
