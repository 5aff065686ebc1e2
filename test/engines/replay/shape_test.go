package replay

import (
	"slices"
	"testing"
)

func TestShape(t *testing.T) {
	s, err := ShapeOf([]byte(`{"id":"x","n":1,"l":[{"a":true},{"a":false,"b":null}],"m":{}}` + "\n[]"))
	want := Shape{" object", "id string", "n number", "l array", "l[] object", "l[].a bool", "l[].b null", "m object", " array"}
	if err != nil || !slices.Equal(s, want) {
		t.Errorf("%q, %v", s, err)
	}
	for _, text := range []string{`{"a":1`, `{"a"}`, `{]`, `x`} {
		if s, err := ShapeOf([]byte(text)); err == nil {
			t.Errorf("%s: %q", text, s)
		}
	}
	other := Shape{" object", "n number", "id string", "l number"}
	missing, more, ordered := s.Differences(other)
	if !slices.Equal(missing, []string{"l number"}) || len(more) != 6 || ordered {
		t.Errorf("missing %q, more %q, ordered %v", missing, more, ordered)
	}
}
