package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

//go:embed testdata/floor.c
var floorSource []byte

const emptySource = "package main\n\nfunc main() {}\n"

// prepare builds the floor and re-executes this program in a mount namespace
// of its own, so that nothing that the measuring mounts is seen by the host,
// and every runtime meets the same mounts.
func prepare(o options, args []string, stdout, stderr io.Writer) error {
	if os.Geteuid() != 0 {
		return errors.New("needs root: the bundle has no user namespace")
	}
	dir, err := os.MkdirTemp("", "keg-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := buildFloor(dir, stderr); err != nil {
		return err
	}
	if o.keg, err = filepath.Abs(o.keg); err != nil {
		return err
	}
	cmd := exec.Command("/proc/self/exe", append(args, "-keg", o.keg, "-inside", dir)...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	// Go makes / private after this unshare: no mount travels back.
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	return cmd.Run()
}

// buildFloor leaves out the C program where there is no compiler.
func buildFloor(dir string, stderr io.Writer) error {
	source := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(source, []byte(emptySource), 0o600); err != nil {
		return err
	}
	goTool := os.Getenv("GO")
	if goTool == "" {
		goTool = "go"
	}
	if err := build(goTool, "build", "-ldflags=-s -w", "-o", filepath.Join(dir, "empty"), source); err != nil {
		return err
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		fmt.Fprintln(stderr, "bench: no gcc: the C program is left out")
		return nil
	}
	source = filepath.Join(dir, "floor.c")
	if err := os.WriteFile(source, floorSource, 0o600); err != nil {
		return err
	}
	return build("gcc", "-O2", "-static", "-o", filepath.Join(dir, "floor"), source)
}

func build(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}
