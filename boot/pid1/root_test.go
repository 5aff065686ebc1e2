package pid1

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/test/kegtest"
)

// All kinds of files arrive as they were, and nothing stays.
func TestMoveTree(t *testing.T) {
	kegtest.NeedRoot(t) // who may make devices, and give files away
	dir := kegtest.TempDir(t)
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	when := time.Unix(1e9, 5)
	if err := errors.Join(
		os.Mkdir(from, 0o711), os.Mkdir(to, 0o700), os.Mkdir(from+"/sub", 0o750),
		os.WriteFile(from+"/sub/file", []byte("content"), 0o640),
		os.Chown(from+"/sub/file", 12, 34), os.Chmod(from+"/sub/file", 0o4755), os.Link(from+"/sub/file", from+"/other"),
		syscall.Setxattr(from+"/sub/file", "trusted.keg", []byte("x"), 0),
		os.Symlink("sub/file", from+"/link"), os.Lchown(from+"/link", 5, 6),
		linux.MakeNode(from+"/null", syscall.S_IFCHR|0o640, linux.Mkdev(1, 3)),
		linux.MakeNode(from+"/fifo", syscall.S_IFIFO|0o600, 0),
		os.Chtimes(from+"/sub/file", when, when), os.Chtimes(from+"/sub", when, when),
	); err != nil {
		t.Fatal(err)
	}
	before := describe(t, from)
	if err := moveTree(from, to); err != nil {
		t.Fatal(err)
	}
	after := describe(t, to)
	for name, want := range before {
		if got := after[name]; got != want {
			t.Errorf("%s: %+v, was %+v", name, got, want)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files, were %d", len(after), len(before))
	}
	if left, err := os.ReadDir(from); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	text, err := os.ReadFile(to + "/other")
	if err != nil || string(text) != "content" {
		t.Errorf("%q %v", text, err)
	}
	value := make([]byte, 8)
	if n, err := syscall.Getxattr(to+"/sub/file", "trusted.keg", value); err != nil || string(value[:n]) != "x" {
		t.Errorf("attribute %q %v", value[:max(n, 0)], err)
	}
	a, _ := os.Stat(to + "/other")
	b, _ := os.Stat(to + "/sub/file")
	if !os.SameFile(a, b) {
		t.Error("two names of one file are two files")
	}
}

type description struct {
	mode     uint32
	uid, gid uint32
	size     int64
	device   uint64
	modified int64
	target   string
}

func describe(t *testing.T, dir string) map[string]description {
	t.Helper()
	found := map[string]description{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st linux.FileStat
		if err := linux.LstatFile(p, &st); err != nil {
			return err
		}
		x := description{st.Mode, st.Uid, st.Gid, st.Size, st.Rdev, st.Mtim.Nano(), ""}
		if x.target, _ = os.Readlink(p); d.IsDir() {
			x.size = 0
		}
		found[p[len(dir):]] = x
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
