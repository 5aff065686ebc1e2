package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestInitialMap(t *testing.T) {
	for text, want := range map[string]bool{
		"         0          0 4294967295\n":            true,
		"         0       1000          1\n":            false,
		"0 1000 1\n1 100000 65536\n":                    false,
		"         0          0 4294967295\n 0 1000 1\n": false,
		"":                                   false,
		"         0          0      65536\n": false,
		"         0     100000 4294867295\n": false,
	} {
		if got := initialMap([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestUserRoot(t *testing.T) {
	uid := os.Geteuid()
	name := strconv.Itoa(uid)
	run, tmp := t.TempDir(), t.TempDir()

	made := filepath.Join(tmp, "keg-"+name)
	for range 2 { // made, then found
		if got, err := userRoot(uid, run, tmp); err != nil || got != made {
			t.Fatalf("no login directory: %q, %v; want %q", got, err, made)
		}
	}
	if st, err := os.Stat(made); err != nil || st.Mode().Perm() != 0o700 {
		t.Fatalf("%s: %v, %v; want mode 0700", made, st.Mode(), err)
	}
	login := filepath.Join(run, name)
	if err := os.Mkdir(login, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := userRoot(uid, run, tmp); err != nil || got != filepath.Join(login, "keg") {
		t.Errorf("with a login directory: %q, %v", got, err)
	}
}

// The name below /tmp is known to everyone: what another user put there first
// must not become the state root.
func TestUserRootRefusesTraps(t *testing.T) {
	uid := os.Geteuid()
	for name, tt := range map[string]struct {
		lay  func(path string) error
		want string
	}{
		"symlink":  {func(p string) error { return os.Symlink(t.TempDir(), p) }, "is not a directory"},
		"file":     {func(p string) error { return os.WriteFile(p, nil, 0o600) }, "is not a directory"},
		"writable": {func(p string) error { return mkdirMode(p, 0o777) }, "can be written by others"},
	} {
		run, tmp := t.TempDir(), t.TempDir()
		if err := tt.lay(filepath.Join(tmp, "keg-"+strconv.Itoa(uid))); err != nil {
			t.Fatal(err)
		}
		_, err := userRoot(uid, run, tmp)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "--root") {
			t.Errorf("%s: error %v, want %s", name, err, tt.want)
		}
	}
	if err := ownedDir(t.TempDir(), uid+1); err == nil || !strings.Contains(err.Error(), "belongs to user") {
		t.Errorf("another user's directory: error %v", err)
	}
}

func mkdirMode(path string, mode os.FileMode) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return os.Chmod(path, mode) // the umask does not count
}

func TestDefaultRoot(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Setenv("USER", "root")
		t.Setenv("XDG_RUNTIME_DIR", "/run/user/0")
		if got, err := defaultRoot(); err != nil || got != "/run/keg" {
			t.Errorf("root: %q, %v", got, err)
		}
		return
	}
	t.Setenv("XDG_RUNTIME_DIR", "/xdg")
	if got, err := defaultRoot(); err != nil || got != "/xdg/keg" {
		t.Errorf("user: %q, %v", got, err)
	}
}
