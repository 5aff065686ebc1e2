package jsonscan

import (
	"strings"
	"testing"
)

// TestFound: a mismatch shows the value, shortened at a whole character.
func TestFound(t *testing.T) {
	tests := []struct{ text, want string }{
		{`{"a": 1}`, `an object`},
		{`[1]`, `an array`},
		{`"x"`, `"x"`},
		{`-1.5e3`, `-1.5e3`},
		{`"` + strings.Repeat("a", 62) + `äb"`, `"` + strings.Repeat("a", 62) + `...`},
	}
	for _, tt := range tests {
		var v bool
		s := New([]byte(tt.text))
		Bool(s, &v)
		m, err := s.Close()
		if err != nil || len(m) != 1 || m[0].Found != tt.want || m[0].Allowed != "true, false" {
			t.Errorf("%s: %v, %v", tt.text, m, err)
		}
	}
}

// TestPath: what the path of a mismatch looks like, and that passing an object
// leaves it as it was.
func TestPath(t *testing.T) {
	names := []string{"list", "flag"}
	var flags []bool
	var flag bool
	s := New([]byte(`{"skipped": [{"x": [1]}], "LIST": [true, [{}], {"y": 2}], "flag": 0}`))
	for more := s.Object(); more && s.Member(); {
		switch s.Field(names) {
		case 0:
			Slice(s, &flags, Bool)
		case 1:
			Bool(s, &flag)
		default:
			s.Skip()
		}
	}
	m, err := s.Close()
	if err != nil || len(m) != 3 || m[0].Path != "list[1]" || m[1].Path != "list[2]" || m[2].Path != "flag" {
		t.Errorf("%v, %v", m, err)
	}
}

// TestCopied: the caller may use its bytes again.
func TestCopied(t *testing.T) {
	data := []byte(`"abc"`)
	var v string
	s := New(data)
	String(s, &v)
	copy(data, `"xyz"`)
	if v != "abc" {
		t.Error(v)
	}
}
