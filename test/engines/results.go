package engines

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write the results down for docs/engines.md")

// Results are those of one engine on one machine, as they are kept in
// testdata/results: docs/engines.md is written from them.
type Results struct {
	Title string `json:"title"` // of the engine
	World string `json:"world"` // "v1": this kind of machine; "v2": a virtual one with systemd
	Rows  []Row  `json:"rows"`
}

// Row is a scenario with each runtime.
type Row struct {
	Scenario string  `json:"scenario"`
	Runc     Outcome `json:"runc"`
	Keg      Outcome `json:"keg"`
}

func (r Row) same(other Row) bool { return r.Scenario == other.Scenario }

// most is how many rows may be ones that runc fails too: a twentieth.
func most(rows int) int { return rows / 20 }

// compare holds the rows against those that are written down. The words of a
// failure are another's each time; who fails is not.
func (e Engine[E]) compare(t *testing.T, rows []Row) {
	t.Helper()
	world := world()
	path := resultsPath(e.Name, world)
	if *update {
		writeJSON(t, path, Results{e.Title, world, rows})
	}
	failing := 0
	written, err := load(path)
	if err != nil {
		t.Errorf("%v: run the test with -update", err)
		return
	}
	if len(written.Rows) != len(rows) {
		t.Errorf("%s has %d rows, and there are %d scenarios: run the test with -update", path, len(written.Rows), len(rows))
		return
	}
	for i, r := range rows {
		w := written.Rows[i]
		if r.Runc.Failed {
			failing++
		}
		if w.Scenario != r.Scenario || w.Runc.Failed != r.Runc.Failed || w.Keg.Failed != r.Keg.Failed {
			t.Errorf("%s says %+v, and it is %+v", path, w, r)
		}
	}
	if failing > most(len(rows)) {
		t.Errorf("runc fails %d of %d scenarios: they say nothing about keg", failing, len(rows))
	}
}

// checkV2: the results of that world are kept also where only the other one is
// tried, and have the rows that it would have now.
func (e Engine[E]) checkV2(t testing.TB) {
	t.Helper()
	path := resultsPath(e.Name, "v2")
	written, err := load(path)
	if e.V2 == nil || *update || errors.Is(err, fs.ErrNotExist) {
		return
	}
	is := func(r Row, s Scenario[E]) bool { return r.Scenario == s.Name }
	if err != nil || !slices.EqualFunc(written.Rows, e.V2, is) {
		t.Errorf("%s, %v: not the scenarios that are tried there: test/vm makes it anew", path, err)
	}
}

// resultsPath is in the checkout: where its copy is read-only, as in test/vm's machine,
// $KEG_RESULTS is the directory.
func resultsPath(engine, world string) string {
	dir := cmp.Or(os.Getenv("KEG_RESULTS"), filepath.Join(root(), "test/engines/testdata/results"))
	return filepath.Join(dir, engine+"."+world+".json")
}

// root is the checkout's: tests run in the directories of their packages, and an
// engine whose modules are not keg's has a go.mod of its own.
func root() string {
	for dir := "."; ; dir = filepath.Join(dir, "..") {
		if _, err := os.Stat(filepath.Join(dir, "test/engines")); err == nil {
			return dir
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "."
		}
	}
}

func world() string {
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		return "v2"
	}
	return "v1"
}

func load(path string) (Results, error) {
	var r Results
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	return r, err
}

func writeJSON(t testing.TB, path string, v any) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
