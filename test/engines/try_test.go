package engines

import (
	"slices"
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

// TestOnceMore shows that runc has a second go at what it can do, and keg has none.
func TestOnceMore(t *testing.T) {
	written := []Row{{Scenario: "can"}, {Scenario: "cannot", Runc: Outcome{Failed: true}}}
	for _, c := range []struct {
		runtime, scenario string
		tries             int
	}{{"runc", "can", 2}, {"runc", "cannot", 1}, {"runc", "new", 1}, {"keg", "can", 1}} {
		tries := 0
		s := Scenario[int]{c.scenario, func(t testing.TB, _ int) {
			if tries++; tries == 1 {
				t.Fatal("the first time")
			}
		}}
		got := s.try(t, Runtime{Name: c.runtime}, 0, written)
		if tries != c.tries || got.Failed != (tries == 1) {
			t.Errorf("%+v: %d, %+v", c, tries, got)
		}
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

// TestRows shows that what was tried is a row, and what was not is as it is written down.
func TestRows(t *testing.T) {
	e := Engine[int]{Name: "some"}
	t.Setenv("KEG_RESULTS", t.TempDir())
	failed := Outcome{Failed: true, Output: "once"}
	results := map[string]map[string]Outcome{"runc": {"new": {}, "other": {}}, "keg": {"new": {}}}
	writeJSON(t, resultsPath("some", world()), Results{Rows: []Row{{"new", failed, failed}, {"old", Outcome{}, failed}, {"other", failed, Outcome{}}}})
	var rows []Row
	got := try(t, func(t testing.TB) {
		rows = e.rows(t, []Scenario[int]{{Name: "new"}, {Name: "other"}, {Name: "old"}}, results)
	})
	if want := []Row{{"new", Outcome{}, Outcome{}}, {"other", failed, Outcome{}}, {"old", Outcome{}, failed}}; got.Failed || !slices.Equal(rows, want) {
		t.Errorf("%+v, %+v", rows, got)
	}
	if got := try(t, func(t testing.TB) { e.rows(t, []Scenario[int]{{Name: "nowhere"}}, results) }); !strings.Contains(got.Output, "neither tried") {
		t.Errorf("%+v", got)
	}
	results["keg"]["other"] = failed
	if got := try(t, func(t testing.TB) { e.rows(t, []Scenario[int]{{Name: "other"}}, results) }); !strings.Contains(got.Output, "passes with runc: once") {
		t.Errorf("%+v", got)
	}
}
