package service

import (
	"reflect"
	"strings"
	"testing"
)

func TestOrder(t *testing.T) {
	tests := []struct {
		name     string
		after    map[string][]string
		kept     map[string][]string
		problems []string
	}{
		{"none", map[string][]string{"a": nil, "b": nil}, map[string][]string{}, nil},
		{"chain and diamond",
			map[string][]string{"a": nil, "b": {"a"}, "c": {"a"}, "d": {"b", "c"}},
			map[string][]string{"b": {"a"}, "c": {"a"}, "d": {"b", "c"}}, nil},
		{"unknown name", map[string][]string{"a": {"netwrok"}, "b": {"a"}}, map[string][]string{"b": {"a"}},
			[]string{"a: org.keg.boot.after: netwrok: there is no such service: a does not wait for it"}},
		{"itself", map[string][]string{"a": {"a"}}, map[string][]string{},
			[]string{"a: org.keg.boot.after: a: it leads in a circle, a after a: a does not wait for it"}},
		{"circle, and who is behind it",
			map[string][]string{"a": {"c"}, "b": {"a"}, "c": {"b"}, "d": {"c"}},
			map[string][]string{"d": {"c"}},
			[]string{"a: org.keg.boot.after: c: it leads in a circle, a after c after b after a: ", "b: ", "c: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kept, problems := order(tt.after)
			if !reflect.DeepEqual(kept, tt.kept) || len(problems) != len(tt.problems) {
				t.Fatalf("%v, %v; want %v, %q", kept, problems, tt.kept, tt.problems)
			}
			for i, p := range problems {
				if !strings.HasPrefix(p.Error(), tt.problems[i]) {
					t.Errorf("%v; want %s", p, tt.problems[i])
				}
			}
		})
	}
}

// What is kept never leads in a circle, whatever was asked for.
func FuzzOrder(f *testing.F) {
	f.Add("ab bc ca")
	f.Add("aa ab ba xd")
	f.Fuzz(func(t *testing.T, text string) {
		after := map[string][]string{"a": nil, "b": nil, "c": nil, "d": nil, "e": nil}
		for pair := range strings.FieldsSeq(text) {
			if len(pair) == 2 && pair[0] >= 'a' && pair[0] <= 'e' {
				after[pair[:1]] = append(after[pair[:1]], pair[1:])
			}
		}
		kept, problems := order(after)
		edges := 0
		for name, others := range kept {
			for _, other := range others {
				if edges++; way(kept, other, name) != nil {
					t.Errorf("%s after %s leads in a circle: %v", name, other, kept)
				}
			}
		}
		asked := 0
		for _, others := range after {
			asked += len(others)
		}
		if edges+len(problems) != asked {
			t.Errorf("%d kept, %d left out, of %d", edges, len(problems), asked)
		}
	})
}

func TestBefore(t *testing.T) {
	got := before(map[string][]string{"b": {"a"}, "c": {"a", "b"}})
	if want := (map[string][]string{"a": {"b", "c"}, "b": {"c"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%v; want %v", got, want)
	}
}
