package kegtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Program is a helper program for inside a container, static, built from a C or
// Go source of the test's. On a machine without compilers $KEG_PROGRAMS is a
// directory that has it, under the source's name (test/vm).
func Program(source string) ([]byte, error) {
	name := strings.TrimSuffix(filepath.Base(source), filepath.Ext(source))
	if dir := os.Getenv("KEG_PROGRAMS"); dir != "" {
		return os.ReadFile(filepath.Join(dir, name))
	}
	dir, err := os.MkdirTemp("", "keg-test-program")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-o", file, source)
	if filepath.Ext(source) == ".c" {
		cmd = exec.Command("gcc", "-static", "-O1", "-pthread", "-o", file, source)
	}
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", source, err, out)
	}
	return os.ReadFile(file)
}
