package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// workshop is a directory with test binaries, which are compiled once, and with
// one keg after the other.
type workshop struct {
	root, dir string
	count     atomic.Int64

	mu      sync.Mutex
	skipped map[test]string // why a test does not run on this machine
}

func newWorkshop(root string) (*workshop, error) {
	dir, err := os.MkdirTemp("", "keg-mutation-")
	if err != nil {
		return nil, err
	}
	return &workshop{root: root, dir: dir, skipped: map[test]string{}}, os.Chmod(dir, 0o755)
}

// prefix begins the names of what its tests make (kegtest.Prefix).
func (w *workshop) prefix() string { return filepath.Base(w.dir) + "-" }

func (w *workshop) remove() { os.RemoveAll(w.dir) }

// prepare compiles the tests, and runs them with an unchanged keg.
func (w *workshop) prepare(list []defence, jobs int) error {
	var tests []test
	var packages []string
	for _, d := range list {
		for _, t := range d.tests {
			if !slices.Contains(tests, t.bare()) {
				tests = append(tests, t.bare())
			}
			if !slices.Contains(packages, t.pkg) {
				packages = append(packages, t.pkg)
			}
		}
	}
	if err := w.build("", filepath.Join(w.dir, "unchanged/keg"), "./cmd/keg"); err != nil {
		return err
	}
	for _, err := range parallel(jobs, packages, func(pkg *string) error { return w.compile(*pkg, "", w.dir) }) {
		if err := <-err; err != nil {
			return err
		}
	}
	for _, err := range parallel(jobs, tests, w.passes) {
		if err := <-err; err != nil {
			return err
		}
	}
	return nil
}

// bare is the test alone, however it is expected to fail.
func (t test) bare() test {
	t.says = ""
	return t
}

// passes shows that a test passes, or is skipped, with an unchanged keg. That it always
// does is shown elsewhere: here it has two attempts.
func (w *workshop) passes(t *test) error {
	r := w.runTest(*t, w.dir, filepath.Join(w.dir, "unchanged/keg"))
	if !r.passed && !r.hung {
		r = w.runTest(*t, w.dir, filepath.Join(w.dir, "unchanged/keg"))
	}
	switch {
	case !r.passed:
		return fmt.Errorf("%s fails with an unchanged keg:\n%s", t.name(), r.output)
	case strings.Contains(r.output, "--- SKIP"):
		w.mu.Lock()
		defer w.mu.Unlock()
		w.skipped[*t] = r.output
	case !strings.Contains(r.output, "--- PASS: "+t.function()):
		return fmt.Errorf("%s: no such test in %s", t.name(), t.pkg)
	}
	return nil
}

func (w *workshop) compile(pkg, overlay, dir string) error {
	return w.goCommand("test", "-c", "-o", filepath.Join(dir, binary(pkg)), overlay, "./"+pkg)
}

// binary is the name of a package's test binary.
func binary(pkg string) string { return strings.ReplaceAll(pkg, "/", ".") + ".test" }

func (w *workshop) build(overlay, to, pkg string) error {
	return w.goCommand("build", "-ldflags=-s -w", "-o", to, overlay, pkg)
}

// goCommand leaves empty arguments out.
func (w *workshop) goCommand(args ...string) error {
	args = slices.DeleteFunc(args, func(s string) bool { return s == "" })
	cmd := exec.Command("go", args...)
	cmd.Dir = w.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// switchOff builds what the defence's tests need without it, and runs them.
func (w *workshop) switchOff(d *defence) result {
	dir := filepath.Join(w.dir, strconv.FormatInt(w.count.Add(1), 10))
	defer os.RemoveAll(dir)
	overlay, err := w.overlay(d, dir)
	if err != nil {
		return result{err: err}
	}
	if slices.ContainsFunc(d.tests, test.whole) {
		if err := w.build(overlay, filepath.Join(dir, "keg"), "./cmd/keg"); err != nil {
			return result{err: err}
		}
	}
	for _, t := range d.tests {
		if t.whole() {
			continue
		}
		if err := w.compile(t.pkg, overlay, dir); err != nil {
			return result{err: err}
		}
	}
	return w.judge(d, dir)
}

// overlay writes the changed file, and what go build reads to take it instead.
func (w *workshop) overlay(d *defence, dir string) (string, error) {
	text, err := d.without(w.root)
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	changed := filepath.Join(dir, filepath.Base(d.file))
	if err := os.WriteFile(changed, text, 0o644); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(w.root, d.file): changed}})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return "-overlay=" + file, os.WriteFile(file, list, 0o644)
}
