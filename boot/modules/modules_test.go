package modules

import (
	"errors"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, alias string
		want           bool
	}{
		{"pci:v00001AF4d*sv*sd*bc*sc*i*", "pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00", true},
		{"pci:v00001AF4d*sv*sd*bc*sc*i*", "pci:v00001AF5d00001000sv00001AF4sd00000001bc02sc00i00", false},
		{"virtio:d00000001v*", "virtio:d00000001v00001AF4", true},
		{"virtio:d00000001v*", "virtio:d00000010v00001AF4", false},
		{"usb:v*p*d*dc*dsc*dp*ic03isc*ip*in*", "usb:v0627p0001d0000dc00dsc00dp00ic03isc00ip00in00", true},
		{"usb:v05ACp021[5-7]d*", "usb:v05ACp0216d01", true},
		{"usb:v05ACp021[5-7]d*", "usb:v05ACp0218d01", false},
		{"usb:v05ACp021[!5-7]d*", "usb:v05ACp0218d01", true},
		{"fs-overlay", "fs_overlay", true},
		{"*", "", true},
		{"**", "x", true},
		{"a*b*c", "aXbYc", true},
		{"a*b*c", "aXbY", false},
		{"a?", "a", false},
		{"a[", "a[", true},
		{"", "", true},
		{"", "a", false},
		{"a", "", false},
	}
	for _, tt := range tests {
		if got := match(tt.pattern, tt.alias); got != tt.want {
			t.Errorf("match(%q, %q) is %v", tt.pattern, tt.alias, got)
		}
	}
}

// FuzzMatch compares with path.Match where both mean the same, and ends soon
// whatever the pattern.
func FuzzMatch(f *testing.F) {
	f.Add("a*[b-d]?e*", "axxcze")
	f.Add(strings.Repeat("*a", 50), strings.Repeat("a", 100)+"b")
	f.Fuzz(func(t *testing.T, pattern, alias string) {
		got := match(pattern, alias)
		if strings.ContainsAny(pattern+alias, `/\-_!^[]`) || !ascii(pattern+alias) {
			return
		}
		if want, err := path.Match(pattern, alias); err == nil && got != want {
			t.Errorf("match(%q, %q) is %v", pattern, alias, got)
		}
	})
}

func ascii(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 126 }) }

func TestFind(t *testing.T) {
	x := newIndex()
	x.addDependencies("kernel/drivers/net/virtio_net.ko: kernel/net/core/failover.ko kernel/drivers/virtio/virtio.ko\n" +
		"kernel/fs/overlayfs/overlay.ko.xz:\nkernel/net/core/failover.ko:\nkernel/drivers/watchdog/some-dog.ko:\n")
	x.addConfiguration("# comment\nalias virtio:d00000001v* virtio_net\nalias fs-overlay overlay\nalias pci:v1d2* some_dog\n" +
		"alias *:late virtio_net\nblacklist some-dog\noptions overlay \\\n  metacopy=on\nsoftdep virtio_net pre: a-b c post: d\n")
	x.addCommandLine([]string{"quiet", "console=ttyS0", "overlay.index=off", "modprobe.blacklist=other,failover", "root=/dev/a.b"})
	tests := []struct{ alias, want string }{
		{"virtio:d00000001v00001AF4", "virtio_net"},
		{"fs-overlay", "overlay"},
		{"virtio-net", "virtio_net"}, // a name
		{"pci:v1d2", ""},             // blacklisted
		{"some_dog", "some_dog"},     // but not by its name
		{"x:late", "virtio_net"},
		{"acpi:PNP0501:", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(x.find(tt.alias), " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.alias, got, tt.want)
		}
	}
	if got := x.options["overlay"]; got != "metacopy=on index=off" {
		t.Errorf("options %q", got)
	}
	if got := x.files["virtio_net"].needs; !slices.Equal(got, []string{"kernel/net/core/failover.ko", "kernel/drivers/virtio/virtio.ko"}) {
		t.Errorf("needs %q", got)
	}
	if got := x.soft["virtio_net"]; !slices.Equal(got.pre, []string{"a-b", "c"}) || !slices.Equal(got.post, []string{"d"}) {
		t.Errorf("soft dependencies %q", got)
	}
	if !x.blocked["failover"] || len(x.options) != 1 {
		t.Errorf("blocked %v, options %q", x.blocked, x.options)
	}
}

func TestParameters(t *testing.T) {
	x := newIndex()
	x.addDependencies("kernel/drivers/net/dummy.ko:\nkernel/drivers/block/loop.ko:\n")
	x.addBuiltIn("kernel/fs/ext4/ext4.ko\nkernel/lib/crc-t10dif.ko\n")
	x.addConfiguration("options dummy numdummies=1\nblacklist loop\n")
	l := &Loader{index: x, dir: t.TempDir(), loaded: map[string]bool{}}
	l.AddParameters("dummy", []string{"numdummies=2", "name=a b", `quoted="c d"`})
	if got := x.options["dummy"]; got != `numdummies=1 numdummies=2 name="a b" quoted="c d"` {
		t.Errorf("options %s", got)
	}
	for name, want := range map[string]bool{"ext4": true, "crc_t10dif": true, "crc-t10dif": true, "dummy": false} {
		if l.BuiltIn(name) != want {
			t.Errorf("%s in the kernel: %v", name, !want)
		}
	}
	if _, err := l.Load("loop"); !errors.Is(err, os.ErrNotExist) { // there is no such file
		t.Error(err)
	}
	l = &Loader{index: x, dir: t.TempDir(), loaded: map[string]bool{}, UseBlacklist: true}
	if n, err := l.Load("loop"); n != 1 || err != nil {
		t.Error("blacklisted: ", n, err)
	}
}
