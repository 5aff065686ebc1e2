// Package kegtest is what the whole-program tests share: a keg binary, a
// busybox root, bundles, and the proof that nothing is left.
//
// It is not for assertions about one subject: those stand in the tests.
package kegtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

var build = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("KEG"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "keg-test-bin")
	if err != nil {
		return "", err
	}
	os.Chmod(dir, 0o755)
	path := filepath.Join(dir, "keg")
	cmd := exec.Command("go", "build", "-o", path, "github.com/keg-project/keg/cmd/keg")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// Keg is the path of the keg under test: $KEG, or built from this checkout.
func Keg(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
