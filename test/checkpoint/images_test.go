package checkpoint

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/plan"
	"github.com/keg-project/keg/test/kegtest"
)

const allNamespaces = "mnt pid ipc uts"

// faked is a box whose images only the tests' CRIU restores. Its configuration
// allows what that one makes.
func faked(t *testing.T, does string) *box {
	t.Helper()
	kegtest.NeedRoot(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(fakePart, does)
	b := newBox(t, func(s *oci.Spec) {
		all := plan.Capabilities()
		s.Process.Capabilities = &oci.LinuxCapabilities{Bounding: all, Effective: all, Permitted: all}
		s.Process.NoNewPrivileges = false
		s.Linux.Seccomp = nil
		var kept []oci.LinuxNamespace
		for _, ns := range s.Linux.Namespaces {
			if ns.Type != oci.CgroupNamespace {
				kept = append(kept, ns)
			}
		}
		s.Linux.Namespaces = kept
	})
	t.Setenv(fakeNote, filepath.Join(b.Dir, "note"))
	b.criu = program
	if err := os.MkdirAll(b.images("x"), 0o700); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *box) restoreFaked() kegtest.Result {
	b.t.Helper()
	return b.Keg("restore", "-d", "--criu", b.criu, "--image-path", b.images("x"), "--bundle", b.Dir, b.ID())
}

// Images that others could exchange, or have exchanged, are not read.
func TestOthersImages(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(images string) error
		want string
	}{
		{"link", func(d string) error { return os.Symlink("/etc/shadow", d+"/core-1.img") }, "core-1.img is a symbolic link, and no image"},
		{"FIFO", func(d string) error { return syscall.Mkfifo(d+"/inventory.img", 0o600) }, "inventory.img is no regular file"},
		{"others' file", func(d string) error {
			return firstError(os.WriteFile(d+"/pages-1.img", nil, 0o600), os.Chown(d+"/pages-1.img", 1, 1))
		}, "pages-1.img belongs to user 1"},
		{"open file", func(d string) error {
			return firstError(os.WriteFile(d+"/pages-1.img", nil, 0o600), os.Chmod(d+"/pages-1.img", 0o606))
		}, "pages-1.img has mode 0606"},
		{"open directory", func(d string) error { return os.Chmod(d, 0o777|os.ModeSticky) }, "has mode 1777"},
		{"others' directory", func(d string) error { return os.Chown(d, 1, 1) }, "belongs to user 1"},
		{"absolute parent", func(d string) error { return os.Symlink(d, d+"/parent") }, "has to be relative"},
		{"parent through another's directory", func(d string) error {
			return firstError(os.MkdirAll(d+"/sub/inner", 0o755), os.Chown(d+"/sub", 1, 1), os.Symlink("sub/inner", d+"/parent"))
		}, "sub belongs to user 1"},
		{"parent with a link", func(d string) error {
			return firstError(os.Mkdir(d+"/../1", 0o700), os.Symlink("/etc/shadow", d+"/../1/pagemap-1.img"), os.Symlink("../1", d+"/parent"))
		}, "pagemap-1.img is a symbolic link"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := faked(t, "")
			if err := tt.make(b.images("x")); err != nil {
				t.Fatal(err)
			}
			r := b.restoreFaked()
			refused(t, r, "--image-path: ")
			refused(t, r, tt.want)
		})
	}
}

// In a container's user namespace CRIU is the container's root: it comes to the images
// and to the root there, though both are the machine's root's alone.
func TestUserNamespaceAdmitted(t *testing.T) {
	b := faked(t, allNamespaces+" admitted")
	b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
	b.Spec.Linux.UIDMappings = []oci.LinuxIDMapping{{HostID: fakeRoot, Size: 1000}}
	b.Spec.Linux.GIDMappings = b.Spec.Linux.UIDMappings
	b.Write()
	image := filepath.Join(b.images("x"), fakeImage)
	if err := firstError(os.WriteFile(image, []byte("memory"), 0o600), os.Chmod(b.images("x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	refused(t, b.restoreFaked(), "ns/user is ") // the tests' CRIU makes none
	if got := read(t, os.Getenv(fakeNote)); got != "memory" {
		t.Errorf("the container's root finds %q", got)
	}
	if err := os.Symlink("../y", filepath.Join(b.images("x"), "parent")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(b.images("y"), 0o700); err != nil {
		t.Fatal(err)
	}
	refused(t, b.restoreFaked(), "--image-path: what pre-dumps have saved cannot be restored into a user namespace")
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// The file that the annotation names has CRIU run programs as root.
func TestOthersConfiguration(t *testing.T) {
	before := kegtest.Leftovers()
	for name, tt := range map[string]struct {
		make func(path string) error
		path string
		want string
	}{
		"relative": {nil, "criu.conf", `annotations.org.criu.config: found "criu.conf"; allowed: an absolute path`},
		"absent":   {nil, "/none/criu.conf", "annotations.org.criu.config: open /none/criu.conf"},
		"another's": {func(p string) error { return firstError(os.WriteFile(p, nil, 0o600), os.Chown(p, 1, 1)) }, "",
			"criu.conf belongs to user 1"},
		"open": {func(p string) error { return firstError(os.WriteFile(p, nil, 0o600), os.Chmod(p, 0o622)) }, "", "criu.conf has mode 0622"},
		"FIFO": {func(p string) error { return syscall.Mkfifo(p, 0o600) }, "", "criu.conf is no regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			b := faked(t, allNamespaces)
			path := tt.path
			if path == "" {
				path = filepath.Join(b.Dir, "criu.conf")
				if err := tt.make(path); err != nil {
					t.Fatal(err)
				}
			}
			b.Spec.Annotations = map[string]string{"org.criu.config": path}
			b.Write()
			refused(t, b.restoreFaked(), tt.want)
			b.gone(before)
		})
	}
}
