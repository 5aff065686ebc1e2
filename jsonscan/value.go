package jsonscan

import (
	"encoding"
	"strconv"
	"strings"
)

// Field tells which of names the current member's is: exactly, else regardless
// of letter case, as encoding/json does and engines rely on. -1 for none.
func (s *Scanner) Field(names []string) int {
	top := &s.path[len(s.path)-1]
	i := match(names, top.name)
	if i >= 0 {
		top.name, top.kind = names[i], fieldElement
	}
	return i
}

func match(names []string, key string) int {
	for i, name := range names {
		if name == key {
			return i
		}
	}
	for i, name := range names {
		if strings.EqualFold(name, key) {
			return i
		}
	}
	return -1
}

// Begins tells whether the next value begins with that byte: for a decoder
// written by hand, of what may be a string or an object.
func (s *Scanner) Begins(with byte) bool { return s.peek() == with }

// String reads a string. Like the functions below it leaves *v alone on null
// and on a value of another type.
func String[T ~string](s *Scanner, v *T) {
	switch {
	case s.peek() == '"':
		*v = T(s.text())
	case !s.Null():
		s.Mismatch("a string")
	}
}

// Bool reads true or false.
func Bool[T ~bool](s *Scanner, v *T) {
	switch c := s.peek(); {
	case c == 't':
		*v = T(s.literal("true"))
	case c == 'f':
		*v = T(!s.literal("false"))
	case !s.Null():
		s.Mismatch("true, false")
	}
}

// The integers: a fraction, an exponent or a number out of range is a mismatch.
func Int[T ~int](s *Scanner, v *T)       { signed(s, v, strconv.IntSize) }
func Int8[T ~int8](s *Scanner, v *T)     { signed(s, v, 8) }
func Int16[T ~int16](s *Scanner, v *T)   { signed(s, v, 16) }
func Int32[T ~int32](s *Scanner, v *T)   { signed(s, v, 32) }
func Int64[T ~int64](s *Scanner, v *T)   { signed(s, v, 64) }
func Uint[T ~uint](s *Scanner, v *T)     { unsigned(s, v, strconv.IntSize) }
func Uint8[T ~uint8](s *Scanner, v *T)   { unsigned(s, v, 8) }
func Uint16[T ~uint16](s *Scanner, v *T) { unsigned(s, v, 16) }
func Uint32[T ~uint32](s *Scanner, v *T) { unsigned(s, v, 32) }
func Uint64[T ~uint64](s *Scanner, v *T) { unsigned(s, v, 64) }

func signed[T ~int | ~int8 | ~int16 | ~int32 | ~int64](s *Scanner, v *T, bits int) {
	if s.Null() {
		return
	}
	n, err := strconv.ParseInt(s.peekNumber(), 10, bits)
	if err != nil {
		most := int64(1)<<(bits-1) - 1
		s.Mismatch("an integer from " + strconv.FormatInt(-most-1, 10) + " to " + strconv.FormatInt(most, 10))
		return
	}
	s.number()
	*v = T(n)
}

func unsigned[T ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](s *Scanner, v *T, bits int) {
	if s.Null() {
		return
	}
	n, err := strconv.ParseUint(s.peekNumber(), 10, bits)
	if err != nil {
		s.Mismatch("an integer from 0 to " + strconv.FormatUint(^uint64(0)>>(64-bits), 10))
		return
	}
	s.number()
	*v = T(n)
}

// peekNumber returns the number that comes next without passing it, so that
// it can still be a mismatch; "" where there is none.
func (s *Scanner) peekNumber() string {
	if c := s.peek(); c != '-' && !digit(c) {
		return ""
	}
	start := s.pos
	n := s.number()
	if s.syntax == nil {
		s.pos = start
	}
	return n
}

// Text reads a string into what parses itself, a time.Time for instance.
func Text[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](s *Scanner, v *T) {
	if s.Null() {
		return
	}
	if s.peek() != '"' {
		s.Mismatch("a string")
		return
	}
	start := s.pos
	if err := P(v).UnmarshalText([]byte(s.text())); err != nil && s.syntax == nil {
		s.pos = start
		s.Mismatch("a string that can be read: " + err.Error())
	}
}

// Pointer reads into what *p points to, making it first; null makes it nil.
func Pointer[T any](s *Scanner, p **T, decode func(*Scanner, *T)) {
	if s.Null() {
		*p = nil
		return
	}
	if *p == nil {
		*p = new(T)
	}
	decode(s, *p)
}

// Slice reads an array. Where a duplicate key comes back to a slice, its
// elements are decoded over the old ones: encoding/json does, so the engine
// that checked this text saw the same.
func Slice[T any](s *Scanner, p *[]T, decode func(*Scanner, *T)) {
	if s.Null() {
		*p = nil
		return
	}
	if !s.Array() {
		return
	}
	list := (*p)[:0]
	for s.Element() {
		if cap(list) == 0 {
			list = make([]T, 0, 4) // most hold one to four
		}
		if len(list) < cap(list) {
			list = list[:len(list)+1]
		} else {
			list = append(list, *new(T))
		}
		decode(s, &list[len(list)-1])
	}
	if len(list) == 0 {
		list = []T{} // not nil: the key was there
	}
	*p = list
}

// Map reads an object of any keys.
func Map[T any](s *Scanner, p *map[string]T, decode func(*Scanner, *T)) {
	if s.Null() {
		*p = nil
		return
	}
	if !s.Object() {
		return
	}
	if *p == nil {
		*p = map[string]T{}
	}
	for s.Member() {
		key := s.path[len(s.path)-1].name
		var v T
		decode(s, &v)
		(*p)[key] = v
	}
}
