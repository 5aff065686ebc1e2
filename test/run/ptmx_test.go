package run

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// What an image has in place of /dev/ptmx is replaced by the link to the
// container's own devpts. The device itself stays: a root may be the host's.
func TestPtmx(t *testing.T) {
	kegtest.NeedRoot(t)
	for name, put := range map[string]func(path string) error{
		"nothing": func(string) error { return nil },
		"file":    func(path string) error { return os.WriteFile(path, nil, 0o644) },
		"link":    func(path string) error { return os.Symlink("/etc/passwd", path) },
		"other":   func(path string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o666, 5<<8|1) },
		"device":  func(path string) error { return syscall.Mknod(path, syscall.S_IFCHR|0o666, 5<<8|2) },
	} {
		b := kegtest.NewBundle(t, "sh", "-c", "test -L /dev/ptmx && readlink /dev/ptmx || stat -c %t:%T /dev/ptmx")
		var kept = b.Spec.Mounts[:0]
		for _, m := range b.Spec.Mounts { // without the tmpfs on /dev: the image's own
			if m.Destination == "/proc" || m.Destination == "/sys" {
				kept = append(kept, m)
			}
		}
		b.Spec.Mounts, b.Spec.Root.Readonly = kept, false
		if err := put(filepath.Join(b.Dir, "rootfs/dev/ptmx")); err != nil {
			t.Fatal(err)
		}
		want := "pts/ptmx\n"
		if name == "device" {
			want = "5:2\n"
		}
		if got := b.Output(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
