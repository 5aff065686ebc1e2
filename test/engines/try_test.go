package engines

import (
	"strings"
	"testing"
)

// TestTry shows that a scenario's failure is kept and is not the test's, and
// that what it has begun is ended.
func TestTry(t *testing.T) {
	ended := 0
	cases := map[string]func(testing.TB){
		"":             func(t testing.TB) { t.Cleanup(func() { ended++ }) },
		"no such":      func(t testing.TB) { t.Cleanup(func() { ended++ }); t.Fatalf("no %s", "such"); ended += 10 },
		"one\ntwo":     func(t testing.TB) { t.Error("one"); t.Error("two"); t.Cleanup(func() { ended++ }) },
		"twice":        func(t testing.TB) { t.Cleanup(func() { ended++ }); t.Cleanup(func() { t.Fatal("twice") }) },
		"out of range": func(t testing.TB) { t.Cleanup(func() { ended++ }); println([]int{}[len(t.Name())-1000:]) },
	}
	for want, scenario := range cases {
		got := try(t, scenario)
		if got.Failed != (want != "") || !strings.Contains(got.Output, want) {
			t.Errorf("%q: %+v", want, got)
		}
	}
	if ended != len(cases) {
		t.Errorf("%d of %d were cleared up after", ended, len(cases))
	}
}

// TestV2 shows that results with other rows than are tried are found out where they
// cannot be made anew.
func TestV2(t *testing.T) {
	all := []Scenario[int]{{Name: "one"}, {Name: "two"}, {Name: "three"}}
	e := Engine[int]{Name: "some", V2: Named(t, all, []string{"three", "one"})}
	t.Setenv("KEG_RESULTS", t.TempDir())
	for want, rows := range map[string][]Row{
		"":        {{Scenario: "one"}, {Scenario: "three"}},
		"not the": {{Scenario: "one"}, {Scenario: "two"}, {Scenario: "three"}},
	} {
		writeJSON(t, resultsPath("some", "v2"), Results{Rows: rows})
		if got := try(t, e.checkV2); got.Failed != (want != "") || !strings.Contains(got.Output, want) {
			t.Errorf("%q: %+v", want, got)
		}
	}
	if got := try(t, func(t testing.TB) { Named(t, all, []string{"four"}) }); !got.Failed {
		t.Error("a scenario that there is not")
	}
}
