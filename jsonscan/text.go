package jsonscan

import (
	"unicode/utf16"
	"unicode/utf8"
)

// text passes a string and returns what it says. Without escapes it is a part
// of the source.
func (s *Scanner) text() string {
	start := s.pos + 1
	ascii := true
	for i := start; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '"':
			s.pos = i + 1
			return s.valid(s.src[start:i], start, ascii)
		case c == '\\':
			return s.escaped(start, i)
		case c < ' ':
			return s.failAt(i, "an escape in place of a control character")
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return s.failAt(len(s.src), "the string's closing quote")
}

// escaped is text from the first backslash, at i, on.
func (s *Scanner) escaped(start, i int) string {
	out := make([]byte, 0, 2*(i-start)+16)
	plain := start
	for s.pos = i; s.pos < len(s.src); {
		switch c := s.src[s.pos]; {
		case c == '"':
			out = append(out, s.src[plain:s.pos]...)
			s.pos++
			return s.valid(string(out), start, false)
		case c == '\\':
			out = append(out, s.src[plain:s.pos]...)
			out = s.escape(out)
			plain = s.pos
		case c < ' ':
			return s.fail("an escape in place of a control character")
		default:
			s.pos++
		}
	}
	return s.fail("the string's closing quote")
}

// valid refuses what encoding/json would silently replace: bytes that are not
// UTF-8 would name another file than the one that was meant.
func (s *Scanner) valid(text string, start int, ascii bool) string {
	if !ascii && !utf8.ValidString(text) {
		return s.failAt(start, "a string in UTF-8")
	}
	return text
}

// escape passes one escape sequence and appends what it stands for.
func (s *Scanner) escape(out []byte) []byte {
	if s.pos+1 >= len(s.src) {
		s.fail("an escape sequence")
		return out
	}
	c := s.src[s.pos+1]
	if c == 'u' {
		return s.unicodeEscape(out)
	}
	for i, letter := range []byte(`"\/bfnrt`) {
		if c == letter {
			s.pos += 2
			return append(out, "\"\\/\b\f\n\r\t"[i])
		}
	}
	s.fail(`an escape sequence: \" \\ \/ \b \f \n \r \t \uXXXX`)
	return out
}

func (s *Scanner) unicodeEscape(out []byte) []byte {
	r, ok := s.hex4(s.pos)
	if !ok {
		s.fail(`four hexadecimal digits after \u`)
		return out
	}
	if !utf16.IsSurrogate(r) {
		s.pos += 6
		return utf8.AppendRune(out, r)
	}
	low, ok := s.hex4(s.pos + 6)
	if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
		s.pos += 12
		return utf8.AppendRune(out, pair)
	}
	s.fail("a pair of surrogates")
	return out
}

// hex4 reads the \uXXXX at i.
func (s *Scanner) hex4(i int) (r rune, ok bool) {
	if i+6 > len(s.src) || s.src[i] != '\\' || s.src[i+1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(s.src[i+2 : i+6]) {
		switch {
		case digit(c):
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// number passes a number and returns its text.
func (s *Scanner) number() string {
	start := s.pos
	if s.src[s.pos] == '-' {
		s.pos++
	}
	if s.pos < len(s.src) && s.src[s.pos] == '0' {
		s.pos++
	} else if !s.digits() {
		return ""
	}
	if s.at('.') {
		s.pos++
		if !s.digits() {
			return ""
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if !s.digits() {
			return ""
		}
	}
	return s.src[start:s.pos]
}

func (s *Scanner) at(c byte) bool { return s.pos < len(s.src) && s.src[s.pos] == c }

// digits passes one digit or more.
func (s *Scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.src) && digit(s.src[s.pos]) {
		s.pos++
	}
	if s.pos == start {
		s.fail("a digit")
		return false
	}
	return true
}
