package box

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHalfBuiltRootIsReplaced(t *testing.T) {
	c := cache{t.TempDir()}
	// What a keg killed in the midst of an archive leaves: closed directories.
	half := filepath.Join(c.dir, "k.part", "closed")
	os.MkdirAll(half, 0o755)
	os.WriteFile(filepath.Join(half, "stale"), nil, 0o600)
	os.Chmod(half, 0o555)
	path, err := c.build("k", func(dir string) error { return os.WriteFile(filepath.Join(dir, "new"), nil, 0o600) })
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, path); len(got) != 1 || got[0] != "new" {
		t.Errorf("holds %v", got)
	}
}

func TestFailedBuildLeavesNothing(t *testing.T) {
	c := cache{t.TempDir()}
	boom := errors.New("boom")
	_, err := c.build("k", func(dir string) error {
		os.MkdirAll(filepath.Join(dir, "a/b"), 0o755)
		os.Chmod(filepath.Join(dir, "a"), 0o500)
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if got := names(t, c.dir); len(got) != 1 || got[0] != "k.lock" {
		t.Errorf("left %v", got)
	}
}

func TestOpenCache(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", base)
	c, err := openCache()
	if err != nil || c.dir != filepath.Join(base, "keg", "boxes") {
		t.Fatal(c, err)
	}
	if fi, _ := os.Stat(filepath.Join(base, "keg")); fi.Mode().Perm() != 0o700 {
		t.Errorf("mode %v: setuid programs in a box are open to all", fi.Mode())
	}
	os.Chmod(filepath.Join(base, "keg"), 0o777)
	if _, err := openCache(); err == nil || !strings.Contains(err.Error(), "XDG_CACHE_HOME") {
		t.Errorf("world-writable cache: %v", err)
	}
}

func TestCacheOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Setenv("XDG_CACHE_HOME", "/") // root's: refused, not replaced
		if _, err := openCache(); err == nil {
			t.Error("an ordinary user made a cache in /")
		}
		return
	}
	home := t.TempDir()
	os.Chown(home, 1234, 1234)
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", home)
	if base, err := cacheBase(0); err != nil || base != "/var/cache" {
		t.Errorf("root with the HOME of another user: %s, %v", base, err)
	}
	t.Setenv("XDG_CACHE_HOME", home)
	foreign := filepath.Join(home, "keg")
	os.Mkdir(foreign, 0o700)
	os.Chown(foreign, 1234, 1234)
	if err := private(foreign); err == nil {
		t.Error("a cache of another user was accepted")
	}
}
