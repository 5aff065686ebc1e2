package checkpoint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/test/kegtest"
)

func refused(t *testing.T, r kegtest.Result, want string) {
	t.Helper()
	if r.Code != 1 || !strings.Contains(r.Stderr, want) {
		t.Errorf("exit status %d, %q, want %q", r.Code, r.Stderr, want)
	}
}

// What cannot be is refused before anything is done, and the container goes on.
func TestRefusedCheckpoint(t *testing.T) {
	kegtest.NeedRoot(t)
	b := newBox(t)
	refused(t, b.Keg("checkpoint", b.ID()), "does not exist")
	must(t, b.Keg("create", "--bundle", b.Dir, b.ID()))
	refused(t, b.Keg("checkpoint", b.ID()), "cannot checkpoint container \""+b.ID()+"\": it is created")
	must(t, b.Keg("delete", b.ID()))
	b.run()
	n := 0
	for _, tt := range []struct{ flags, want string }{
		{"--criu /none", "stat /none: no such file or directory (hint: --criu names"},
		{"--criu none", "CRIU is not installed: none is neither in $PATH nor in"},
		{"--criu /bin/true", "/bin/true: CRIU has ended without an answer, exit status 0: it said nothing"},
		{"--parent-path /tmp", "--parent-path /tmp: must be relative to --image-path"},
		{"--parent-path ../none", "--parent-path: openat "},
		{"--page-server here", "--page-server here: must be ADDRESS:PORT"},
		{"--page-server :1", "--page-server :1: must be ADDRESS:PORT"},
		{"--page-server ::1:70000", "must be ADDRESS:PORT"},
		{"--image-path /proc/none", "--image-path: mkdir /proc/none"},
	} {
		args := append([]string{"checkpoint", "--image-path", b.images("x")}, strings.Fields(tt.flags)...)
		refused(t, b.Keg(append(args, b.ID())...), tt.want)
		n++
		b.do(n, ":")
	}
}

func TestRefusedRestore(t *testing.T) {
	kegtest.NeedRoot(t)
	before := kegtest.Leftovers()
	b := newBox(t)
	if err := os.MkdirAll(b.images("x"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ flags, want string }{
		{"--image-path " + b.images("none"), "--image-path: open "},
		{"--criu none", "CRIU is not installed"},
		{"--criu /bin/true", "CRIU has ended without an answer"},
		{"--console-socket /none", "--console-socket: process.terminal is false"},
	} {
		args := append([]string{"restore", "-d", "--bundle", b.Dir, "--image-path", b.images("x")}, strings.Fields(tt.flags)...)
		refused(t, b.Keg(append(args, b.ID())...), tt.want)
	}
	b.Spec.Annotations = map[string]string{plan.AnnotationOverlay: "tmpfs"}
	b.Spec.Mounts = append(b.Spec.Mounts, oci.Mount{Destination: "/m", Source: "/", Options: []string{"bind"},
		UIDMappings: []oci.LinuxIDMapping{{Size: 1}}, GIDMappings: []oci.LinuxIDMapping{{Size: 1}}})
	b.Write()
	r := b.Keg("restore", "--bundle", b.Dir, "--image-path", b.images("x"), b.ID())
	refused(t, r, "annotations."+plan.AnnotationOverlay+": a layer that is thrown away is in no image")
	refused(t, r, "CRIU would restore an idmapped mount without its mappings")
	if _, err := os.Stat(b.Root); err == nil {
		b.gone(before)
	}
}

// CRIU's own reason is told, with the log that has more. On a kernel that is too
// new for it every checkpoint fails so, on another one that of this container.
func TestCRIUFails(t *testing.T) {
	kegtest.NeedRoot(t)
	b := newBox(t, func(s *oci.Spec) {
		s.Mounts = append(s.Mounts, oci.Mount{Destination: "/ram", Type: "ramfs", Source: "ramfs"})
	})
	b.run()
	b.do(1, ":")
	log := filepath.Join(b.images("x"), "dump.log")
	r := b.Keg("checkpoint", "--image-path", b.images("x"), b.ID())
	refused(t, r, "CRIU: Error (")
	refused(t, r, "; see "+log+" (hint: ")
	if out, err := criuCheck(); err != nil && strings.Contains(string(out), "vDSO") {
		refused(t, r, "from Linux 6.13 on it takes CRIU 4.1")
	} else {
		refused(t, r, "/ram")
	}
	if _, err := os.Stat(log); err != nil {
		t.Error(err)
	}
	b.do(2, ":")
}

// An ordinary user is told that it takes root.
func TestUser(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("is the ordinary user's")
	}
	b := kegtest.NewBundle(t, "sleep", "1000")
	b.Write()
	t.Cleanup(func() { must(t, b.Keg("delete", "-f", b.ID())) })
	must(t, b.Keg("run", "-d", "--bundle", b.Dir, b.ID()))
	const want = "checkpoint and restore take root, outside of any user namespace"
	refused(t, b.Keg("checkpoint", b.ID()), want)
	refused(t, b.Keg("restore", "--bundle", b.Dir, "--image-path", b.Dir, "other"), want)
}
