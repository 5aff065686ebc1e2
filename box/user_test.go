package box

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

const passwdText = `root:x:0:0:root:/root:/bin/sh
broken:x:12
minus:x:-1:5::/:/bin/sh
alice:x:1000:100:Alice:/home/alice:/bin/sh
rel:x:1001:100::home:/bin/sh
`

const groupText = `root:x:0:
users:x:100:alice
wheel:x:10:bob,alice
wheel2:x:10:alice
`

func namesRoot(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "etc"), 0o755)
	os.WriteFile(filepath.Join(dir, "etc/passwd"), []byte(passwdText), 0o644)
	os.WriteFile(filepath.Join(dir, "etc/group"), []byte(groupText), 0o644)
	return dir
}

func TestResolveUser(t *testing.T) {
	dir := namesRoot(t)
	for _, tc := range []struct {
		in       string
		uid, gid uint32
		more     []uint32
		home     string
		want     string
	}{
		{"", 0, 0, nil, "/root", ""},
		{"0", 0, 0, nil, "/root", ""},
		{"alice", 1000, 100, []uint32{10}, "/home/alice", ""},
		{"1000", 1000, 100, []uint32{10}, "/home/alice", ""},
		{"alice:7", 1000, 7, nil, "/home/alice", ""},
		{"alice:wheel", 1000, 10, nil, "/home/alice", ""},
		{"4242", 4242, 0, nil, "/", ""},
		{"4242:4243", 4242, 4243, nil, "/", ""},
		{"rel", 1001, 100, nil, "/", ""},
		{"mallory", 0, 0, nil, "", "neither a number nor in the root's etc/passwd"},
		{"alice:mallory", 0, 0, nil, "", "neither a number nor in the root's etc/group"},
		{"1000x", 0, 0, nil, "", "neither"},
		{"-1", 0, 0, nil, "", "neither"},
		{"+1", 0, 0, nil, "", "neither"},
		{"4294967295", 0, 0, nil, "", "neither"},
		{"4294967296", 0, 0, nil, "", "neither"},
		{"minus", 0, 0, nil, "", "neither"},
		{":5", 0, 0, nil, "", "neither"},
		{"0:", 0, 0, nil, "", "neither"},
		{"0:0:0", 0, 0, nil, "", "neither"},
	} {
		who, err := resolveUser(tc.in, dir)
		if tc.want != "" {
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%q: %v, want %q", tc.in, err, tc.want)
			}
			continue
		}
		if err != nil || who.user.UID != tc.uid || who.user.GID != tc.gid || who.home != tc.home || !slices.Equal(who.user.AdditionalGids, tc.more) {
			t.Errorf("%q: %+v, %v", tc.in, who, err)
		}
	}
}

// A root's passwd file is not trusted: it may lead out, or never end.
func TestHostileNames(t *testing.T) {
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "etc"), 0o755)
	file := filepath.Join(dir, "etc/passwd")
	os.Symlink("/etc/passwd", file)
	if _, err := resolveUser("root", dir); err == nil {
		t.Error("read this machine's passwd file")
	}
	if who, err := resolveUser("", dir); err != nil || who.home != "/root" {
		t.Errorf("no name needs no file: %v", err)
	}
	os.Remove(file)
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := resolveUser("root", dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("FIFO: %v", err)
	}
}

func TestCheckMapped(t *testing.T) {
	one := []specs.LinuxIDMapping{{HostID: 1000, Size: 1}}
	many := []specs.LinuxIDMapping{{HostID: 1000, Size: 1}, {ContainerID: 1, HostID: 100000, Size: 65536}}
	who := func(uid, gid uint32, more ...uint32) identity {
		return identity{user: specs.User{UID: uid, GID: gid, AdditionalGids: more}}
	}
	for _, tc := range []struct {
		who  identity
		maps []specs.LinuxIDMapping
		want string
		more []uint32
	}{
		{who(0, 0, 0), one, "", nil},
		{who(1, 0), one, "uid 1 is not mapped", nil},
		{who(0, 5), one, "gid 5 is not mapped", nil},
		{who(1000, 1000, 5, 70000), many, "", []uint32{5}},
		{who(65536, 65536), many, "", nil},
		{who(65537, 0), many, "uid 65537 is not mapped", nil},
	} {
		err := tc.who.checkMapped(tc.maps, tc.maps)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: %v", tc.who, err)
		}
		if err == nil && !slices.Equal(tc.who.user.AdditionalGids, tc.more) {
			t.Errorf("additional groups %v, want %v", tc.who.user.AdditionalGids, tc.more)
		}
	}
}

func TestParseRanges(t *testing.T) {
	text := "bob:1:1\nalice:100000:65536\n1000:300000:10\n:5:5\nalice:x:1\nalice:1:0\nalice:4294967295:5\nalice:1\n"
	got := parseRanges(text, "alice", 1000)
	if want := []idRange{{100000, 65536}, {300000, 10}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := parseRanges(text, "", 7); got != nil {
		t.Errorf("a user without a name got %v", got)
	}
}
