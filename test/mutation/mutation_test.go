package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// Every defence is found in the tree exactly once, and its tests are there.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range defences() {
		t.Run(d.row+" "+d.name, func(t *testing.T) {
			text, err := d.without(root)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(d.file, ".go") {
				if _, err := parser.ParseFile(token.NewFileSet(), d.file, text, 0); err != nil {
					t.Error(err)
				}
			}
			if d.old == d.new || seen[d.name] || len(d.tests) == 0 {
				t.Error("it changes nothing, has the name of another, or has no test")
			}
			seen[d.name] = true
			for _, test := range d.tests {
				expectTest(t, test)
			}
		})
	}
}

// expectTest: the test is a function of its package, and there is something
// that it is to say.
func expectTest(t *testing.T, test test) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, test.pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+test.function()+"(") && test.says != "" {
			return
		}
	}
	t.Errorf("%s: no such test in %s, or nothing that it says", test.name(), test.pkg)
}

// What a mutant's tests did is judged as it ought to be.
func TestVerdict(t *testing.T) {
	it := test{pkg: "test/run", run: "TestX$", says: "the canary was touched"}
	for _, c := range []struct {
		name    string
		outcome outcome
		want    string
	}{
		{"killed", outcome{output: "--- FAIL: TestX (0.1s)\n x_test.go:1: the canary was touched: f"}, ""},
		{"survived", outcome{passed: true, output: "--- PASS: TestX"}, "SURVIVED"},
		{"hung", outcome{hung: true, output: "panic: test timed out"}, "hung"},
		{"another reason", outcome{output: "--- FAIL: TestX (0.1s)\n no space left on device"}, "does not say"},
		{"another test", outcome{output: "--- FAIL: TestY (0.1s)\n the canary was touched"}, "did not run"},
		{"left behind alone", outcome{output: "--- PASS: TestX\nleft behind by the tests: the canary was touched"}, "did not run"},
	} {
		err := c.outcome.verdict(it)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// One that is not killed at once has further attempts, but not one that hangs.
func TestAttempt(t *testing.T) {
	it := test{pkg: "test/run", run: "TestX$", says: "caught"}
	survived, killed, hung := outcome{passed: true}, outcome{output: "--- FAIL: TestX caught"}, outcome{hung: true}
	for _, c := range []struct {
		outcomes []outcome
		runs     int
		killed   bool
	}{
		{[]outcome{killed}, 1, true},
		{[]outcome{survived, survived, killed}, 3, true},
		{[]outcome{survived, survived, survived, survived, survived, killed}, attempts, false},
		{[]outcome{hung, killed}, 1, false},
	} {
		n := 0
		_, err := attempt(it, func() outcome {
			n++
			return c.outcomes[n-1]
		})
		if n != c.runs || (err == nil) != c.killed {
			t.Errorf("%+v: %d runs, %v", c.outcomes, n, err)
		}
	}
}

// A text that is not there, or there twice, is an error that names the file.
func TestWithout(t *testing.T) {
	for old, want := range map[string]string{"package": "", "no such text": "found 0 times", "e": "times, want 1"} {
		d := defence{file: "plan/cgroup.go", old: old, new: "x"}
		if old == "package" {
			d.old = "package plan"
		}
		_, err := d.without(root)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", old, err, want)
		}
	}
}

// The document says what the table does.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, document))
	if err != nil || string(text) != describe(defences()) {
		t.Errorf("%s is not up to date: go generate ./test/mutation", document)
	}
}
