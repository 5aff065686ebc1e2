package kegtest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/spec"
)

// A Bundle is a bundle's directory with a state root of its own.
type Bundle struct {
	t    testing.TB
	Dir  string
	Root string // --root
	Spec *oci.Spec
}

// NewBundle makes a bundle with the default configuration (of an ordinary
// user where the test is one), without a terminal, running the command.
func NewBundle(t testing.TB, args ...string) *Bundle {
	t.Helper()
	dir := TempDir(t)
	Populate(t, filepath.Join(dir, "rootfs"))
	s := spec.Default(os.Geteuid() != 0, os.Geteuid(), os.Getegid(), false)
	s.Process.Terminal = false
	s.Process.Args = args
	return &Bundle{t: t, Dir: dir, Root: filepath.Join(dir, "state"), Spec: s}
}

// Write writes config.json as the Spec is now.
func (b *Bundle) Write() {
	b.t.Helper()
	var buf bytes.Buffer
	must(b.t, spec.Write(&buf, b.Spec))
	must(b.t, os.WriteFile(filepath.Join(b.Dir, "config.json"), buf.Bytes(), 0o644))
}

// Keg runs a keg command on the bundle's state root.
func (b *Bundle) Keg(args ...string) Result {
	b.t.Helper()
	return Command(b.t, "", append([]string{"--root", b.Root}, args...)...)
}

// Run writes the config, runs the container in the foreground and returns
// what it printed.
func (b *Bundle) Run(flags ...string) Result {
	b.t.Helper()
	b.Write()
	args := append([]string{"run", "--bundle", b.Dir}, flags...)
	return b.Keg(append(args, b.ID())...)
}

// ID is the container's id, different in every test process.
func (b *Bundle) ID() string { return filepath.Base(b.Dir) }

// Output is what the container printed; the test fails if it failed.
func (b *Bundle) Output(flags ...string) string {
	b.t.Helper()
	r := b.Run(flags...)
	if r.Code != 0 {
		b.t.Fatalf("exit status %d\nstdout: %s\nstderr: %s", r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}
