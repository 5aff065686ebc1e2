package box

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/linux"
)

func TestMountPoints(t *testing.T) {
	p := pointsOf(linux.ParseMounts(`26 1 254:0 / / rw - ext4 /dev/vda rw
27 26 0:5 / /dev rw,nosuid shared:2 - devtmpfs devtmpfs rw
28 26 8:1 / /mnt/a\040b\134c rw - vfat /dev/sda1 rw
29 28 0:9 / /mnt/a\040b\134c rw master:1 shared:3 - tmpfs t rw
garbage
30 26 0:9 / /odd\9 rw - tmpfs t rw
`))
	for point, kind := range map[string]string{"/": "ext4", "/dev": "devtmpfs", `/mnt/a b\c`: "tmpfs", `/odd\9`: "tmpfs"} {
		if p[point] != kind {
			t.Errorf("%s: %q, want %q", point, p[point], kind)
		}
	}
	for dir, want := range map[string]bool{"/mnt": true, `/mnt/a b\c`: false, "/usr": false, "/de": false} {
		if p.beneath(dir) != want {
			t.Errorf("beneath(%s) = %v", dir, !want)
		}
	}
}

// A tree with mounts at several depths is taken apart as far as splitDepth.
func TestHostCopy(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"usr", "home/u", "home/other", "srv/a/b/deep", "boot/efi"} {
		os.MkdirAll(filepath.Join(dir, d), 0o755)
	}
	os.WriteFile(filepath.Join(dir, "home/file"), nil, 0o600)
	os.Symlink("usr/bin", filepath.Join(dir, "bin"))
	os.Symlink("u", filepath.Join(dir, "home/link"))
	at := func(p string) string { return filepath.Join(dir, p) }
	h := hostCopy{links: map[string]string{}, points: mountPoints{
		"/": "ext4", at("home/u"): "ext4", at("srv/a/b/deep"): "ext4", at("boot/efi"): "vfat",
	}}
	entries, _ := os.ReadDir(dir)
	h.addAll(dir, entries, 1)

	got := map[string]string{}
	for _, m := range h.mounts {
		rel, _ := filepath.Rel(dir, m.Destination)
		got[rel] = m.Type
		if m.Type == "bind" && !slices.Contains(m.Options, "rro") {
			t.Errorf("%s: this machine's own, and writable", rel)
		}
		if m.Type == "overlay" && !slices.Equal(m.Options, []string{"lowerdir=" + m.Destination, upperOnTmpfs}) {
			t.Errorf("%s: %v", rel, m.Options)
		}
	}
	want := map[string]string{"usr": "overlay", "home/u": "overlay", "home/other": "overlay", "home/file": "bind", "srv/a": "bind", "boot/efi": "bind"}
	for name, kind := range want {
		if got[name] != kind {
			t.Errorf("%s: %q, want %q", name, got[name], kind)
		}
	}
	if len(got) != len(want) || len(h.links) != 2 || len(h.dirs) != 3 {
		t.Errorf("mounts %v, links %v, directories %v", got, h.links, h.dirs)
	}
}

func TestSkeleton(t *testing.T) {
	h := hostCopy{links: map[string]string{"/bin": "usr/bin", "/home/link": "u"}, dirs: []string{"/home"}}
	dir := t.TempDir()
	if err := h.skeleton(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range h.links {
		if got, err := os.Readlink(filepath.Join(dir, name)); got != want {
			t.Errorf("%s → %q, %v", name, got, err)
		}
	}
	other := hostCopy{links: map[string]string{"/bin": "bin2", "/home/link": "u"}, dirs: []string{"/home"}}
	if h.describe() == other.describe() {
		t.Error("two skeletons, one key")
	}
}

// The real "/": nothing of it may be reachable for writing.
func TestHostRootIsNotWritable(t *testing.T) {
	r, err := hostRoot(cache{t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if !r.throwAway || r.names != "/" {
		t.Errorf("%+v", r)
	}
	seen := map[string]bool{}
	for _, m := range r.mounts {
		seen[m.Destination] = true
		switch {
		case m.Type == "tmpfs", m.Type == "bind" && slices.Contains(m.Options, "rro"):
		case m.Type == "overlay" && slices.Contains(m.Options, upperOnTmpfs) && !slices.ContainsFunc(m.Options, func(o string) bool { return strings.HasPrefix(o, "upperdir") }):
		default:
			t.Errorf("%+v", m)
		}
	}
	for _, d := range []string{"/proc", "/sys", "/dev"} {
		if seen[d] {
			t.Errorf("%s is this machine's", d)
		}
	}
	if fi, err := os.Lstat("/usr"); err == nil && fi.Mode()&fs.ModeSymlink == 0 && !seen["/usr"] {
		t.Error("no /usr in the copy")
	}
}
