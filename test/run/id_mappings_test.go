package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func mapped(t *testing.T, maps []oci.LinuxIDMapping, script string) *kegtest.Bundle {
	t.Helper()
	b := userBundle(t, script)
	b.Spec.Linux.Resources = nil
	b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings = maps, maps
	return b
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestMappedByRoot(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, c := range []struct {
		name string
		maps []oci.LinuxIDMapping
		user oci.User
		want string // uid_map, then the ids inside
	}{
		{"range", []oci.LinuxIDMapping{{HostID: 100000, Size: 65536}}, oci.User{UID: 1000, GID: 7, AdditionalGids: []uint32{8}},
			"0 100000 65536 1000 7 8 allow"},
		{"identity", []oci.LinuxIDMapping{{Size: 4294967295}}, oci.User{}, "0 0 4294967295 0 0 allow"},
		{"two ranges", []oci.LinuxIDMapping{{HostID: 100000, Size: 10}, {ContainerID: 10, HostID: 200000, Size: 10}}, oci.User{UID: 11, GID: 12},
			"0 100000 10 10 200000 10 11 12 allow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := mapped(t, c.maps, "cat /proc/self/uid_map; id -u; grep ^Gid: /proc/self/status | cut -f2; grep ^Groups: /proc/self/status | cut -f2; cat /proc/self/setgroups")
			if err := os.Chown(filepath.Join(b.Dir, "rootfs"), int(c.maps[0].HostID), int(c.maps[0].HostID)); err != nil {
				t.Fatal(err)
			}
			b.Spec.Process.User = c.user
			if got := words(b.Output()); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// The process is the mapped user on the host as well.
func TestMappedOnTheHost(t *testing.T) {
	kegtest.NeedRoot(t)
	b := mapped(t, []oci.LinuxIDMapping{{HostID: 100000, Size: 65536}}, "exec sleep 60")
	b.Spec.Process.User = oci.User{UID: 1000, GID: 7}
	host := read(t, "/proc/"+detached(t, b)+"/status")
	for _, want := range []string{"\nUid:\t101000\t101000\t101000\t101000\n", "\nGid:\t100007\t100007\t100007\t100007\n"} {
		if !strings.Contains(host, want) {
			t.Errorf("no %q in\n%s", want, host)
		}
	}
}

func TestUnmappedUser(t *testing.T) {
	kegtest.NeedRoot(t)
	b := mapped(t, []oci.LinuxIDMapping{{HostID: 100000, Size: 10}}, "true")
	b.Spec.Process.User = oci.User{UID: 10}
	want := "keg: process.user: become user 10, group 0: setresuid: invalid argument" +
		" (hint: the id is not mapped in the user namespace: see linux.uidMappings and linux.gidMappings)\n"
	if r := b.Run(); r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
}

// What lies below a directory that is closed to the container's root is opened
// outside.
func TestClosedDirectoryIsBound(t *testing.T) {
	kegtest.NeedRoot(t)
	closed := filepath.Join(kegtest.TempDir(t), "closed")
	if err := os.MkdirAll(filepath.Join(closed, "open"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(closed, "open/file"), []byte("reached\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	b := userBundle(t, "cat /data/file", bind(filepath.Join(closed, "open"), "/data", "bind"))
	if got := b.Output(); got != "reached\n" {
		t.Errorf("%q", got)
	}
}

// An ordinary user without newuidmap maps the one id that the kernel grants.
func TestSingleIDWithoutHelpers(t *testing.T) {
	needUser(t)
	b := userBundle(t, "cat /proc/self/uid_map; cat /proc/self/gid_map; cat /proc/self/setgroups; id -u")
	b.Write()
	cmd := foreground(t, b)
	cmd.Env = []string{"PATH=/nowhere", "XDG_RUNTIME_DIR=" + os.Getenv("XDG_RUNTIME_DIR")}
	r := kegtest.Finish(t, cmd)
	if got, want := words(r.Stdout), fmt.Sprintf("0 %d 1 0 %d 1 deny 0", os.Geteuid(), os.Getegid()); got != want {
		t.Errorf("%q, want %q\n%s", got, want, r.Stderr)
	}
}

// ranges are the caller's own id as root and then subordinate ones.
func ranges() (uids, gids []oci.LinuxIDMapping) {
	list := func(own int) []oci.LinuxIDMapping {
		return []oci.LinuxIDMapping{{HostID: uint32(own), Size: 1}, {ContainerID: 1, HostID: subordinate, Size: 65535}}
	}
	return list(os.Geteuid()), list(os.Getegid())
}

func TestRangesByHelpers(t *testing.T) {
	needUser(t)
	b := userBundle(t, "cat /proc/self/uid_map; grep ^Groups: /proc/self/status | cut -f2; touch /data/file; chown 5:6 /data/file; stat -c '%u %g' /data/file; id -u")
	b.Spec.Root.Readonly = false
	b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings = ranges()
	b.Spec.Process.User.AdditionalGids = []uint32{44}
	for _, set := range []*[]string{&b.Spec.Process.Capabilities.Bounding, &b.Spec.Process.Capabilities.Permitted, &b.Spec.Process.Capabilities.Effective} {
		*set = append(*set, "CAP_CHOWN")
	}
	b.Spec.Process.NoNewPrivileges = false
	want := fmt.Sprintf("0 %d 1 1 %d 65535 44 5 6 0", os.Geteuid(), subordinate)
	if got := words(b.Output()); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestRangesWithoutHelpers(t *testing.T) {
	needUser(t)
	b := userBundle(t, "true")
	b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings = ranges()
	cmd := foreground(t, b)
	cmd.Env = []string{"PATH=/nowhere", "XDG_RUNTIME_DIR=" + os.Getenv("XDG_RUNTIME_DIR")}
	want := "keg: linux.gidMappings: newgidmap is needed to map more than one's own id (hint: install uidmap, or map a single id)\n"
	if r := kegtest.Finish(t, cmd); r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
}

func TestRangeNotGranted(t *testing.T) {
	needUser(t)
	b := userBundle(t, "true")
	uids, gids := ranges()
	uids[1].HostID, gids[1].HostID = 4_000_000_000, 4_000_000_000
	b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings = uids, gids
	want := "keg: linux.gidMappings: newgidmap: gid range [1-65536) -> [4000000000-4000065535) not allowed" +
		" (hint: /etc/subuid and /etc/subgid say which ids a user may map)\n"
	if r := b.Run(); r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
}

func TestGroupsOfOrdinaryUser(t *testing.T) {
	needUser(t)
	b := userBundle(t, "true")
	b.Spec.Process.User.AdditionalGids = []uint32{0}
	want := "keg: process.user: become user 0, group 0: setgroups: operation not permitted" +
		" (hint: the user namespace denies supplementary groups, as one without newgidmap's mappings does: process.user.additionalGids must be empty)\n"
	if r := b.Run(); r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
}

// needUser skips the tests of what only an ordinary user meets: they are run
// by test/as-user.
func needUser(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("an ordinary user's")
	}
}
