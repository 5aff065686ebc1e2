package kegtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Main runs the tests, removes what Keg built, and fails when mounts, cgroups
// or processes are left that were not there before.
//
// clean runs after the tests, since nothing that TestMain defers does.
func Main(m *testing.M, clean ...func()) {
	if os.Getenv(supervised) == "" {
		os.Exit(supervise())
	}
	before := Leftovers()
	code := m.Run()
	for _, f := range clean {
		f()
	}
	if path, err := build(); err == nil && os.Getenv("KEG") == "" {
		os.RemoveAll(filepath.Dir(path))
	}
	if left := NewLeftovers(before); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "left behind by the tests:\n%s\n", strings.Join(left, "\n"))
		code = 1
	}
	os.Exit(code)
}

// Skip skips the test, or fails it where KEG_MUST_RUN is set: there every
// skip is a hole.
func Skip(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("KEG_MUST_RUN") != "" {
		t.Fatalf("KEG_MUST_RUN is set: "+format, args...)
	}
	t.Skipf(format, args...)
}

// NeedRoot skips tests that only root can run, without regard to KEG_MUST_RUN
// for an ordinary user: those tests are root's.
func NeedRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}
