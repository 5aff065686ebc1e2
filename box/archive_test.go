package box

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// member is one entry of a test's archive.
type member struct {
	name, body string
	kind       byte
	link       string
	mode       int64
	uid        int
	pax        map[string]string
}

func pack(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Typeflag: m.kind, Linkname: m.link, Mode: m.mode, Size: int64(len(m.body)), Uid: m.uid, Gid: m.uid, PAXRecords: m.pax}
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 {
			h.Mode = 0o755
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, m.body)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// jail is a directory to unpack into, with a canary beside it.
func jail(t *testing.T) (dir, canary string) {
	t.Helper()
	top := t.TempDir()
	dir, canary = filepath.Join(top, "root"), filepath.Join(top, "canary")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(canary, []byte("alive"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeTree(dir) })
	return dir, canary
}

func TestHostileArchives(t *testing.T) {
	dirLink := func(to string) member { return member{name: "way", kind: tar.TypeSymlink, link: to} }
	for _, tc := range []struct {
		name    string
		members []member
		want    string // in the error; "": unpacks, inside the root
	}{
		{"dot dot", []member{{name: "../canary", body: "x"}}, "name contains `..` as a part"},
		{"dot dot inside", []member{{name: "a/../../canary", body: "x"}}, "name contains `..` as a part"},
		{"dot dot directory", []member{{name: "..", kind: tar.TypeDir}}, "name contains `..` as a part"},
		{"absolute", []member{{name: "/canary", body: "x"}}, ""},
		{"through a relative symlink", []member{dirLink(".."), {name: "way/canary", body: "x"}}, "escapes"},
		{"through an absolute symlink", []member{dirLink("/"), {name: "way/tmp/canary", body: "x"}}, "escapes"},
		{"directory through a symlink", []member{dirLink(".."), {name: "way/made/", kind: tar.TypeDir}}, "escapes"},
		{"symlink through a symlink", []member{dirLink(".."), {name: "way/made", kind: tar.TypeSymlink, link: "x"}}, "escapes"},
		{"fifo through a symlink", []member{dirLink(".."), {name: "way/made", kind: tar.TypeFifo}}, "escapes"},
		{"over a symlink", []member{{name: "l", kind: tar.TypeSymlink, link: "../canary"}, {name: "l", body: "x"}}, ""},
		{"hard link out", []member{{name: "l", kind: tar.TypeLink, link: "../canary"}}, "name contains `..` as a part"},
		{"hard link through a symlink", []member{dirLink(".."), {name: "l", kind: tar.TypeLink, link: "way/canary"}}, "escapes"},
		{"write through a hard link to a symlink", []member{{name: "s", kind: tar.TypeSymlink, link: "../canary"}, {name: "l", kind: tar.TypeLink, link: "s"}, {name: "l", body: "x"}}, ""},
		{"mode through a symlink", []member{{name: "d/", kind: tar.TypeDir, mode: 0o777}, {name: "d", kind: tar.TypeSymlink, link: "../canary"}}, ""},
		{"root as file", []member{{name: ".", kind: tar.TypeSymlink, link: "x"}}, "the root is not a directory"},
		{"long name", []member{{name: strings.Repeat("n", 300), body: "x"}}, "file name too long"},
		{"unknown type", []member{{name: "x", kind: 'Q'}}, "type 'Q' is not known"},
		{"file over a full directory", []member{{name: "d/f", body: "x"}, {name: "d", body: "y"}}, "directory not empty"},
		{"nothing", nil, "holds no files"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir, canary := jail(t)
			err := unpackStream(bytes.NewReader(pack(t, tc.members...)), dir, nil)
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			checkCanary(t, canary)
		})
	}
}

func checkCanary(t *testing.T, canary string) {
	t.Helper()
	data, err := os.ReadFile(canary)
	fi, _ := os.Stat(canary)
	if err != nil || string(data) != "alive" || fi.Mode().Perm() != 0o600 {
		t.Errorf("outside the root: %q, %v", data, err)
	}
	entries, _ := os.ReadDir(filepath.Dir(canary))
	if len(entries) != 2 {
		t.Errorf("outside the root: %v", entries)
	}
}

func TestUnpackKeeps(t *testing.T) {
	dir, _ := jail(t)
	var warnings []string
	data := pack(t,
		member{name: "closed/", kind: tar.TypeDir, mode: 0o555},
		member{name: "closed/inner/", kind: tar.TypeDir, mode: 0o700, uid: 7},
		member{name: "closed/inner/su", body: "setuid", mode: 0o4755, uid: 7},
		member{name: "made/on/the/way", body: "x", mode: 0o640},
		member{name: "hard", kind: tar.TypeLink, link: "/made/on/the/way"},
		member{name: "abs", kind: tar.TypeSymlink, link: "/etc/passwd", uid: 7},
		member{name: "pipe", kind: tar.TypeFifo, mode: 0o622},
		member{name: "dev/sda", kind: tar.TypeBlock},
		member{name: "dev/null", kind: tar.TypeChar},
		member{name: ".wh.closed", body: "no whiteout here"},
	)
	err := unpackStream(bytes.NewReader(data), dir, func(f string, a ...any) { warnings = append(warnings, f) })
	if err != nil {
		t.Fatal(err)
	}
	owner := os.Geteuid()
	if owner == 0 {
		owner = 7
	}
	for _, w := range []struct {
		name string
		mode os.FileMode
		uid  int
	}{
		{"closed", os.ModeDir | 0o555, os.Geteuid()},
		{"closed/inner", os.ModeDir | 0o700, owner},
		{"closed/inner/su", os.ModeSetuid | 0o755, owner},
		{"made/on/the/way", 0o640, os.Geteuid()},
		{"abs", os.ModeSymlink | 0o777, owner},
		{"pipe", os.ModeNamedPipe | 0o622, os.Geteuid()},
		{".wh.closed", 0o755, os.Geteuid()},
	} {
		fi, err := os.Lstat(filepath.Join(dir, w.name))
		if err != nil {
			t.Error(err)
			continue
		}
		if uid := int(fi.Sys().(*syscall.Stat_t).Uid); fi.Mode() != w.mode || uid != w.uid {
			t.Errorf("%s: %v of %d, want %v of %d", w.name, fi.Mode(), uid, w.mode, w.uid)
		}
	}
	a, _ := os.Stat(filepath.Join(dir, "hard"))
	b, _ := os.Stat(filepath.Join(dir, "made/on/the/way"))
	if !os.SameFile(a, b) {
		t.Error("hard link is a copy")
	}
	if nodes, _ := os.ReadDir(filepath.Join(dir, "dev")); len(nodes) != 0 || len(warnings) != 1 {
		t.Errorf("device nodes: %v, warnings %q", nodes, warnings)
	}
}

func TestFileCapabilities(t *testing.T) {
	dir, _ := jail(t)
	// cap_net_raw=ep: vfs_cap_data, revision 2, effective
	caps := "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	data := pack(t, member{name: "ping", body: "x", uid: 7, pax: map[string]string{"SCHILY.xattr." + fileCaps: caps}})
	if err := unpackStream(bytes.NewReader(data), dir, nil); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 64)
	n, err := syscall.Getxattr(filepath.Join(dir, "ping"), fileCaps, got)
	if os.Geteuid() != 0 {
		if !errors.Is(err, syscall.ENODATA) {
			t.Errorf("an ordinary user set %s: %v", fileCaps, err)
		}
		return
	}
	if err != nil || string(got[:n]) != caps {
		t.Errorf("got %q, %v", got[:max(n, 0)], err)
	}
}

// A cut anywhere is an error, in every format, and leaves nothing.
func TestTruncatedArchives(t *testing.T) {
	plain := pack(t, member{name: "a", body: strings.Repeat("text ", 300)}, member{name: "b", body: "x"})
	for format, data := range map[string][]byte{"tar": plain, "gz": compressed(t, "gzip", plain), "zst": compressed(t, "zstd", plain)} {
		t.Run(format, func(t *testing.T) {
			end := len(data) - 1
			if format == "tar" {
				end -= 1023 // half an end mark is accepted, as by tar
			}
			for cut := 0; cut < end; cut += 7 {
				c := cache{t.TempDir()}
				_, err := c.build("k", func(dir string) error { return unpackStream(bytes.NewReader(data[:cut]), dir, nil) })
				if err == nil {
					t.Fatalf("cut at %d of %d: accepted", cut, len(data))
				}
				if left := names(t, c.dir); len(left) != 1 || left[0] != "k.lock" {
					t.Fatalf("cut at %d: left %v", cut, left)
				}
			}
		})
	}
	boundary := plain[:len(plain)-1024]
	if err := unpackStream(bytes.NewReader(boundary), t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("cut between entries: %v", err)
	}
}

func TestForeignFile(t *testing.T) {
	err := unpackStream(strings.NewReader(strings.Repeat("no archive ", 100)), t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), "is no tar archive") {
		t.Errorf("got %v", err)
	}
}

func TestArchiveIsReusedUntilItChanges(t *testing.T) {
	c := cache{t.TempDir()}
	path := filepath.Join(t.TempDir(), "root.tar.zst")
	use := func(data []byte) string {
		t.Helper()
		if data != nil {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		fi, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		dir, err := archiveRoot(c, path, fi, nil)
		if err != nil {
			t.Fatal(err)
		}
		return dir
	}
	first := use(compressed(t, "zstd", pack(t, member{name: "a", body: "one"})))
	if again := use(nil); again != first {
		t.Errorf("unpacked twice: %s, %s", first, again)
	}
	second := use(compressed(t, "gzip", pack(t, member{name: "a", body: "another"})))
	if got, _ := os.ReadFile(filepath.Join(second, "a")); second == first || string(got) != "another" {
		t.Errorf("changed archive: %s, %q", second, got)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
