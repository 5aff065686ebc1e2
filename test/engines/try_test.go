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
