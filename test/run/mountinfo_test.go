package run

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// mounted is a line of mountinfo. proc_pid_mountinfo(5)
type mounted struct {
	root, point  string
	options      []string // of the mount
	optional     string   // propagation
	kind, source string
	super        []string // options of the file system
}

// mountAt finds what is mounted on a path: of several, the uppermost.
func mountAt(t *testing.T, mountinfo, point string) mounted {
	t.Helper()
	var m mounted
	for line := range strings.Lines(mountinfo) {
		left, right, ok := strings.Cut(strings.TrimSpace(line), " - ")
		f, r := strings.Fields(left), strings.Fields(right)
		if !ok || len(f) < 6 || len(r) < 3 || f[4] != point {
			continue
		}
		m = mounted{f[3], f[4], strings.Split(f[5], ","), strings.Join(f[6:], " "), r[0], r[1], strings.Split(r[2], ",")}
	}
	if m.point == "" {
		t.Errorf("nothing is mounted on %s in:\n%s", point, mountinfo)
	}
	return m
}

// wantOptions checks a mount's options: "-x" must not be there.
func (m mounted) wantOptions(t *testing.T, words string) {
	t.Helper()
	all := append(append([]string(nil), m.options...), m.super...)
	for _, w := range strings.Fields(words) {
		name, not := strings.CutPrefix(w, "-")
		list := all
		if name == "ro" || name == "rw" {
			list = m.options // a mount may be read-only on a writable file system
		}
		if slices.Contains(list, name) == not {
			t.Errorf("%s: options %v, file system's %v: want %s", m.point, m.options, m.super, w)
		}
	}
}

// bundle is a bundle whose root is writable, with more mounts.
func bundle(t *testing.T, script string, mounts ...oci.Mount) *kegtest.Bundle {
	t.Helper()
	b := kegtest.NewBundle(t, "sh", "-c", script)
	b.Spec.Root.Readonly = false
	b.Spec.Mounts = append(b.Spec.Mounts, mounts...)
	return b
}

func mount(kind, source, destination string, options ...string) oci.Mount {
	return oci.Mount{Type: kind, Source: source, Destination: destination, Options: options}
}

func bind(source, destination string, options ...string) oci.Mount {
	return mount("bind", source, destination, append([]string{"bind"}, options...)...)
}

func tmpfs(destination string, options ...string) oci.Mount {
	return mount("tmpfs", "tmpfs", destination, options...)
}

// onHost runs a script with the bundle in $B and keg's command line up to the
// id in $run, in a mount namespace of the test's own.
func onHost(t *testing.T, b *kegtest.Bundle, script string) kegtest.Result {
	t.Helper()
	kegtest.NeedRoot(t)
	b.Write()
	cmd := exec.Command("unshare", "-m", "--propagation", "private", "sh", "-ec", script)
	keg := kegtest.Keg(t)
	cmd.Env = append(os.Environ(), "B="+b.Dir, "ID="+b.ID(), "keg="+keg+" --root "+b.Root,
		"run="+keg+" --root "+b.Root+" run --bundle "+b.Dir+" "+b.ID())
	return kegtest.Finish(t, cmd)
}

func onHostOutput(t *testing.T, b *kegtest.Bundle, script string) string {
	t.Helper()
	r := onHost(t, b, script)
	if r.Code != 0 {
		t.Fatalf("exit status %d\nstdout: %s\nstderr: %s", r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

func wantOutput(t *testing.T, b *kegtest.Bundle, want string) {
	t.Helper()
	if got := b.Output(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// wantRefused: keg refuses with a message that has all the parts.
func wantRefused(t *testing.T, b *kegtest.Bundle, parts ...string) {
	t.Helper()
	r := b.Run()
	if r.Code == 0 {
		t.Errorf("it ran:\n%s", r.Stdout)
	}
	for _, p := range parts {
		if !strings.Contains(r.Stderr, p) {
			t.Errorf("the message lacks %q:\n%s", p, r.Stderr)
		}
	}
}

func (h hostTree) path(name string) string { return filepath.Join(string(h), name) }

// hostTree is a directory of the host that containers mount.
type hostTree string

func newHostTree(t *testing.T, script string) hostTree {
	t.Helper()
	dir := kegtest.TempDir(t)
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return hostTree(dir)
}

func splitWords(s string) []string { return strings.Fields(s) }
