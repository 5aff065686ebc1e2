package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files below a directory, and the directories that nothing is in.
func below(t *testing.T, root string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, root))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func makeIn(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("make", append([]string{"--silent", "-C", "..", "OUT=" + filepath.Join(work, "keg")}, args...)...)
	cmd.Env = append(os.Environ(), "MAKEFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make %q: %v\n%s", args, err, out)
	}
}

func TestInstallAndUninstall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args, want []string
	}{
		{nil, []string{"/usr/local/bin/keg", "/usr/local/share/man/man1/keg-run.1", "/usr/local/share/bash-completion/completions/keg",
			"/usr/local/share/zsh/site-functions/_keg", "/usr/local/share/fish/vendor_completions.d/keg.fish", "/usr/local/share/doc/keg/README.md"}},
		{[]string{"PREFIX=/opt/a b", "BINDIR=/sbin", "mandir=/m"}, []string{"/sbin/keg", "/m/man1/keg.1", "/opt/a b/share/doc/keg/LICENSE"}},
		{[]string{"prefix=/p", "bindir=/p/x"}, []string{"/p/x/keg", "/p/share/man/man1/keg.1"}},
	} {
		dest := t.TempDir()
		args := append(tt.args, "DESTDIR="+dest)
		makeIn(t, append(args, "install")...)
		have := below(t, dest)
		for _, want := range tt.want {
			if !slices.Contains(have, want) {
				t.Errorf("%q: no %s in %q", tt.args, want, have)
			}
		}
		other := filepath.Join(dest, "other")
		if err := os.WriteFile(other, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		makeIn(t, append(args, "uninstall")...)
		if left := below(t, dest); !slices.Equal(left, []string{"/other"}) {
			t.Errorf("%q: left %q", tt.args, left)
		}
		if _, err := os.Stat(filepath.Join(dest, "usr/local/share/doc/keg")); err == nil {
			t.Error("an empty directory of keg's own is left")
		}
	}
}
