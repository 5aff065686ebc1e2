// Package engines is what the tests of real engines share: what users do with
// an engine, done once with runc as its runtime and once with keg, and the table
// of what came of it.
//
// How one engine is started and called is the business of the package below
// that bears its name.
package engines

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// Runtime is an OCI runtime that an engine is told to use.
type Runtime struct {
	Name string // "runc", "keg"
	Path string
}

// Runtimes are the one that is the measure, and keg.
func Runtimes(t testing.TB) []Runtime {
	t.Helper()
	runc, err := exec.LookPath("runc")
	if err != nil {
		t.Fatal(err)
	}
	keg, err := filepath.Abs(kegtest.Keg(t))
	if err != nil {
		t.Fatal(err)
	}
	return []Runtime{{"runc", runc}, {"keg", keg}}
}

// Scenario is what a user does with an engine, and what must come of it.
type Scenario[E any] struct {
	Name string // its row of the table
	Run  func(t testing.TB, engine E)
}

// Engine is one that the scenarios are tried on.
type Engine[E any] struct {
	Name  string                                // "docker": of its file of results
	Title string                                // "Docker 20.10.24 (docker.io, Debian 12)"
	Start func(t testing.TB, runtime Runtime) E // ends with the test; a failure here is the test's

	// V2 are the scenarios that are tried on cgroup v2 with systemd, if not all: that
	// machine is an emulated one (test/vm), on which all would take hours.
	V2 []Scenario[E]
}

// Named are the scenarios of these names, in the order of the list.
func Named[E any](t testing.TB, all []Scenario[E], names []string) []Scenario[E] {
	t.Helper()
	var some []Scenario[E]
	for _, s := range all {
		if slices.Contains(names, s.Name) {
			some = append(some, s)
		}
	}
	if len(some) != len(names) {
		t.Fatalf("of %q there are %d", names, len(some))
	}
	return some
}

// Run tries the scenarios with each runtime, and holds keg to what runc can do.
func (e Engine[E]) Run(t *testing.T, scenarios []Scenario[E]) {
	t.Helper()
	e.checkV2(t)
	if world() == "v2" && e.V2 != nil {
		scenarios = e.V2
	}
	results := map[string]map[string]Outcome{}
	written, _ := load(resultsPath(e.Name, world()))
	for _, r := range Runtimes(t) {
		t.Run(r.Name, func(t *testing.T) {
			engine := e.Start(t, r)
			results[r.Name] = map[string]Outcome{}
			for _, s := range scenarios {
				t.Run(strings.ReplaceAll(s.Name, " ", "_"), func(t *testing.T) {
					results[r.Name][s.Name] = s.try(t, r, engine, written.Rows)
				})
			}
		})
	}
	e.compare(t, e.rows(t, scenarios, results))
}

// rows are what came of the scenarios. Those that were not tried, as -test.run chose
// others, are as they are written down.
func (e Engine[E]) rows(t testing.TB, scenarios []Scenario[E], results map[string]map[string]Outcome) (rows []Row) {
	t.Helper()
	written, _ := load(resultsPath(e.Name, world()))
	for _, s := range scenarios {
		runc, triedOne := results["runc"][s.Name]
		keg, tried := results["keg"][s.Name]
		if tried = tried && triedOne; tried && keg.Failed && !runc.Failed {
			t.Errorf("%s, which passes with runc: %s", s.Name, keg.Output)
		}
		row := Row{Scenario: s.Name, Runc: runc, Keg: keg}
		if i := slices.IndexFunc(written.Rows, row.same); !tried && i >= 0 {
			row = written.Rows[i]
		} else if !tried {
			t.Fatalf("%s: neither tried nor written down", s.Name)
		}
		rows = append(rows, row)
	}
	return rows
}

// try tries the scenario, and once more what runc has done before and now failed:
// engines lose races of their own, whichever the runtime. Of keg's failures each counts.
func (s Scenario[E]) try(t testing.TB, r Runtime, engine E, written []Row) Outcome {
	o := try(t, func(t testing.TB) { s.Run(t, engine) })
	passed := func(w Row) bool { return w.Scenario == s.Name && !w.Runc.Failed }
	if o.Failed && r.Name == "runc" && slices.ContainsFunc(written, passed) {
		t.Log("once more: with runc it has passed before")
		o = try(t, func(t testing.TB) { s.Run(t, engine) })
	}
	return o
}

// Outcome is what came of a scenario.
type Outcome struct {
	Failed bool   `json:"failed,omitempty"`
	Output string `json:"output,omitempty"` // of a failure
}

// String is the cell of the table.
func (o Outcome) String() string {
	if o.Failed {
		return "fails"
	}
	return "ok"
}

// attempt is the testing.TB of a scenario: its failure is a fact about one
// runtime, and whether the test fails is decided once the other's is known.
type attempt struct {
	testing.TB
	sync.Mutex
	outcome  Outcome
	cleanups []func()
}

func try(t testing.TB, scenario func(testing.TB)) Outcome {
	a := &attempt{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		defer a.clean()
		defer func() {
			if v := recover(); v != nil {
				a.Errorf("panic: %v", v)
			}
		}()
		scenario(a)
	}()
	<-done
	a.outcome.Output = strings.TrimSpace(a.outcome.Output)
	if a.outcome.Failed {
		t.Logf("failed: %s", a.outcome.Output)
	}
	return a.outcome
}

func (a *attempt) clean() {
	if len(a.cleanups) == 0 {
		return
	}
	last := len(a.cleanups) - 1
	f := a.cleanups[last]
	a.cleanups = a.cleanups[:last]
	defer a.clean() // the others too, should this one end the goroutine
	f()
}

func (a *attempt) Cleanup(f func()) { a.cleanups = append(a.cleanups, f) }

func (a *attempt) Fail() {
	a.Lock()
	defer a.Unlock()
	a.outcome.Failed = true
}

func (a *attempt) FailNow() {
	a.Fail()
	runtime.Goexit()
}

func (a *attempt) Failed() bool {
	a.Lock()
	defer a.Unlock()
	return a.outcome.Failed
}

func (a *attempt) say(text string) {
	a.Lock()
	defer a.Unlock()
	a.outcome.Failed = true
	a.outcome.Output += text + "\n"
}

func (a *attempt) Error(args ...any) { a.say(fmt.Sprint(args...)) }

func (a *attempt) Errorf(format string, args ...any) { a.say(fmt.Sprintf(format, args...)) }

func (a *attempt) Fatal(args ...any) {
	a.Error(args...)
	a.FailNow()
}

func (a *attempt) Fatalf(format string, args ...any) {
	a.Errorf(format, args...)
	a.FailNow()
}
