package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// defence is one thing that keg does against an attack or an accident.
type defence struct {
	row   string // what went wrong elsewhere: CVE ids, or another project's issue
	name  string // what keg does
	file  string // where
	old   string // the text of the defence there, which must be found exactly once
	new   string // and what it is without
	tests []test
}

// test is a test that fails without the defence.
type test struct {
	pkg  string // directory
	run  string // of -test.run
	says string // what is in its output then
	user bool   // run it as an ordinary user
	hang bool   // it does not end then, and says so after a short while
}

// whole reports tests that run the binary, unlike those of a package alone.
func (t test) whole() bool { return strings.HasPrefix(t.pkg, "test/") }

// name is the test's function, with what follows it of a subtest's name.
func (t test) name() string { return strings.TrimSuffix(strings.TrimPrefix(t.run, "^"), "$") }

// function is the Go function of the test.
func (t test) function() string {
	name, _, _ := strings.Cut(t.name(), "/")
	return strings.TrimSuffix(name, "$")
}

// defences is the whole table.
func defences() []defence {
	return slices.Concat(processDefences, execDefences, pathDefences, mountDefences, lifeDefences, hookDefences, terminalDefences, privilegeDefences, bootDefences)
}

// without is the file's text with the defence switched off.
func (d *defence) without(root string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(root, d.file))
	if err != nil {
		return nil, err
	}
	if n := strings.Count(string(text), d.old); n != 1 {
		return nil, fmt.Errorf("%s: the text to switch it off is found %d times, want 1:\n%s", d.file, n, d.old)
	}
	return []byte(strings.Replace(string(text), d.old, d.new, 1)), nil
}

func repository() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}
