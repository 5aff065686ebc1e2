package replay

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// Shape is what one who reads JSON relies on: each key with the type of its
// value, in order. `a.b[] number` is a number in an array; what an array repeats
// is said once.
type Shape []string

// ShapeOf reads JSON documents, one after another.
func ShapeOf(data []byte) (Shape, error) {
	var s Shape
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		switch token, err := d.Token(); {
		case err == io.EOF:
			return s, nil
		case err != nil:
			return s, err
		default:
			if err := s.value(d, "", token); err != nil {
				return s, err
			}
		}
	}
}

func (s *Shape) add(path, kind string) {
	line := strings.TrimPrefix(path+" "+kind, ".")
	if !slices.Contains(*s, line) {
		*s = append(*s, line)
	}
}

func (s *Shape) value(d *json.Decoder, path string, token json.Token) error {
	switch v := token.(type) {
	case json.Delim:
		return s.composite(d, path, v)
	case string:
		s.add(path, "string")
	case float64:
		s.add(path, "number")
	case bool:
		s.add(path, "bool")
	case nil:
		s.add(path, "null")
	}
	return nil
}

func (s *Shape) composite(d *json.Decoder, path string, open json.Delim) error {
	s.add(path, map[json.Delim]string{'{': "object", '[': "array"}[open])
	for d.More() {
		at := path + "[]"
		token, err := d.Token()
		if key, ok := token.(string); ok && open == '{' {
			at = path + "." + key
			token, err = d.Token()
		}
		if err == nil {
			err = s.value(d, at, token)
		}
		if err != nil {
			return unfinished(err)
		}
	}
	_, err := d.Token()
	return unfinished(err)
}

// Differences are the lines of one shape that the other lacks, and whether what
// both have is in the same order.
func (s Shape) Differences(other Shape) (missing, more []string, ordered bool) {
	lacks := func(a, b Shape) (both, alone []string) {
		for _, line := range a {
			if slices.Contains(b, line) {
				both = append(both, line)
			} else {
				alone = append(alone, line)
			}
		}
		return both, alone
	}
	here, more := lacks(s, other)
	there, missing := lacks(other, s)
	return missing, more, slices.Equal(here, there)
}

// unfinished is what the text's end is inside of a value.
func unfinished(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
