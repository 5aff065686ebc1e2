package doctor

import (
	"encoding/json"
	"strings"
	"testing"
)

// want is what a finding has to be; found and mend are parts of the texts.
type want struct {
	name        string
	level       Level
	found, mend string
}

// check compares the findings, one by one. What is worse than a note needs to say
// what it is about, and every finding that can be mended how.
func check(t *testing.T, got []Finding, all ...want) {
	t.Helper()
	if len(got) != len(all) {
		t.Fatalf("%d findings: %+v\nwant %d", len(got), got, len(all))
	}
	for i, w := range all {
		f := got[i]
		if f.Name != w.name || f.Level != w.level || !strings.Contains(f.Found, w.found) || !strings.Contains(f.Mend, w.mend) {
			t.Errorf("got  %+v\nwant %+v", f, w)
		}
		if f.Found == "" || f.Level >= Warning && f.Mend == "" || f.Level == OK && f.Mend != "" {
			t.Errorf("%s: level %v, found %q, mend %q", f.Name, f.Level, f.Found, f.Mend)
		}
	}
}

func TestWorst(t *testing.T) {
	list := []Finding{{Level: Note}, {Level: Warning}, {Level: OK}}
	if got := Worst(list); got != Warning {
		t.Errorf("%v", got)
	}
	if got := Worst(nil); got != OK {
		t.Errorf("of nothing: %v", got)
	}
}

func TestFindingJSON(t *testing.T) {
	f := ok("kernel", "clone3", "there", "").detail().bad(Warning, "missing", "boot")
	got, err := json.Marshal(f)
	const want = `{"subject":"kernel","name":"clone3","level":"warning","found":"missing","mend":"boot"}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
}

// Two findings under one name could not be told apart by who reads the JSON.
func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Examine(Options{Keg: "/opt/keg", StateRoot: t.TempDir()}) {
		key := f.Subject + ": " + f.Name
		if seen[key] || f.Subject == "" || f.Name == "" || f.Found == "" {
			t.Errorf("%s: %+v", key, f)
		}
		seen[key] = true
	}
	for _, key := range []string{"kernel: version", "kernel: clone3", "user namespaces: user namespaces", "cgroups: mode", "mounts: table", "seccomp: filters"} {
		if !seen[key] {
			t.Errorf("no %s among %d findings", key, len(seen))
		}
	}
}
