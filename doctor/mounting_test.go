package doctor

import (
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
)

func TestMounting(t *testing.T) {
	const overlay, proc, sysfs = "overlay in a user namespace", "proc in a user namespace", "sysfs in a user namespace"
	fine := mountFacts{usable: true, count: 40, most: 100000}
	check(t, fine.findings(), want{overlay, OK, "", ""}, want{proc, OK, "", ""}, want{sysfs, OK, "", ""}, want{"table", OK, "40 mounts", ""})
	none := mountFacts{usable: true, root: true, count: 1, overlay: syscall.ENODEV, overlayRoot: syscall.ENODEV, proc: syscall.EPERM, sysfs: syscall.EACCES}
	check(t, none.findings(), want{overlay, Error, "does not know", "modprobe overlay"}, want{proc, Error, "parts of /proc are covered", "systempaths=unconfined"},
		want{sysfs, Error, "permission denied", "journalctl -k"}, want{"overlay", Warning, "no such device", "modprobe overlay"}, want{"table", OK, "1 mount", ""})
	denied := mountFacts{usable: true, overlay: syscall.EPERM}
	check(t, denied.findings()[:1], want{overlay, Error, "operation not permitted", "keg shell --keep"})
	// That there are no user namespaces is said elsewhere.
	check(t, mountFacts{overlay: syscall.EPERM}.findings(), want{"table", OK, "0 mounts", ""})
}

func TestMountTable(t *testing.T) {
	for n, w := range map[int]want{
		999:    {"table", OK, "999 mounts", ""},
		1000:   {"table", Note, "slower", "/proc/self/mountinfo"},
		5000:   {"table", Warning, "milliseconds", "/proc/self/mountinfo"},
		50_001: {"table", Warning, "of at most 100000", "sysctl fs.mount-max="},
	} {
		check(t, []Finding{mountFacts{count: n, most: 100_000}.table()}, w)
	}
}

func TestIDMapped(t *testing.T) {
	for _, tt := range []struct {
		kind string
		err  error
		want want
	}{
		{"ext4", nil, want{"/var/lib", OK, "ext4 can be idmapped", ""}},
		{"tmpfs", syscall.EINVAL, want{"/var/lib", Note, "on this kernel", "Linux 6.3"}},
		{"overlay", syscall.EINVAL, want{"/var/lib", Note, "layers", "ext4"}},
		{"nfs4", syscall.EINVAL, want{"/var/lib", Note, "nfs4 cannot", "ext4"}},
		{"xfs", syscall.EPERM, want{"/var/lib", Note, "operation not permitted", ""}},
	} {
		check(t, []Finding{idmapFact{"/var/lib", tt.kind, tt.err}.finding()}, tt.want)
	}
}

func TestTypeAt(t *testing.T) {
	table := []linux.Mount{{Point: "/", Type: "ext4"}, {Point: "/var", Type: "xfs"}, {Point: "/va", Type: "nfs"}, {Point: "/var/lib/x", Type: "zfs"}, {Point: "/var", Type: "btrfs"}}
	for path, want := range map[string]string{"/": "ext4", "/etc": "ext4", "/var/nothing": "btrfs", "/var/lib/x/y": "zfs", "/vary": "ext4"} {
		if got := typeAt(table, path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if got := typeAt(nil, "/"); got != "unknown" {
		t.Error(got)
	}
}
