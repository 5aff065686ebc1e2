package conformance

import (
	"encoding/json"
	"os"
	"testing"
)

const written = "testdata/results.json"

// cells are what docs/conformance.md shows of each program and runtime.
func cells(all Results) map[string]map[string]string {
	m := map[string]map[string]string{}
	for p, reports := range all {
		m[p] = map[string]string{}
		for name, r := range reports {
			m[p][name] = r.String()
		}
	}
	return m
}

func load(t *testing.T) map[string]map[string]string {
	t.Helper()
	var m map[string]map[string]string
	data, err := os.ReadFile(written)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		t.Fatalf("%v: run TestConformance with -update", err)
	}
	return m
}

// compare holds what came of keg against what is written down: a machine that differs
// from CI's may have other results, and of the peers, whose results are not ours to
// keep, a change is only told.
func compare(t *testing.T, all Results) {
	t.Helper()
	now := cells(all)
	if *update {
		data, err := json.MarshalIndent(now, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(written, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := load(t)
	for p := range before {
		if now[p] == nil {
			t.Errorf("%s was a program", p)
		}
	}
	for p := range now {
		for name, cell := range now[p] {
			switch was := before[p][name]; {
			case cell == was:
			case name == "keg" && os.Getenv("KEG_MUST_RUN") != "":
				t.Errorf("%s: keg: %s; it was: %s", p, cell, was)
			default:
				t.Logf("%s: %s: %s; it was: %s", p, name, cell, was)
			}
		}
	}
}
