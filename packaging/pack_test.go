package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const epoch = 1_000_000_000 // 2001-09-09

// packages are those of `make packages`, of a copy of the tree.
var packages = sync.OnceValues(func() (string, error) { return makePackages("one", "umask 022") })

var work string // of all tests; TestMain removes it

func TestMain(m *testing.M) {
	var err error
	if work, err = os.MkdirTemp("", "keg-test-packaging."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Chmod(work, 0o755)
	status := m.Run()
	if err := os.RemoveAll(work); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// dist is the directory with the packages.
func dist(t *testing.T) string {
	t.Helper()
	dir, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// the returns the path of the one file in dist that the pattern matches.
func the(t *testing.T, pattern string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dist(t), pattern))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%s: %q, %v", pattern, paths, err)
	}
	return paths[0]
}

// makePackages copies the tree below work and makes the packages there, after
// some lines of shell.
func makePackages(name, before string) (string, error) {
	dir := filepath.Join(work, name)
	script := `set -e
mkdir -p "$DIR"
cd ..
test/files | tar -c --null -T - | tar -xC "$DIR"
cd "$DIR"
` + before + `
make --silent packages VERSION=1.2.3-rc1 COMMIT=abcdef0`
	cmd := exec.Command("bash", "-c", script)
	cmd.Env = append(os.Environ(), "DIR="+dir, fmt.Sprintf("SOURCE_DATE_EPOCH=%d", epoch))
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("make packages: %w\n%s", err, out)
	}
	return filepath.Join(dir, "dist"), nil
}

func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		if all[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// Somebody else, elsewhere, at another time, with other habits.
func TestReproducible(t *testing.T) {
	t.Parallel()
	first := contents(t, dist(t))
	dir, err := makePackages("two/in/a/deeper place", `umask 077
find . -type f -exec touch -d 2011-11-11 {} +
export TZ=Asia/Kathmandu LC_ALL=C.UTF-8 LANG=de_DE GOMAXPROCS=1
mkdir dist; echo old >dist/keg_0.9_amd64.deb; echo other >dist/unrelated`)
	if err != nil {
		t.Fatal(err)
	}
	second := contents(t, dir)
	if _, kept := second["unrelated"]; !kept {
		t.Error("a file that is none of make's has gone")
	}
	delete(second, "unrelated")
	want := []string{
		"SHA256SUMS",
		"keg-1.2.3-rc1-linux-amd64.cdx.json", "keg-1.2.3-rc1-linux-amd64.tar.gz",
		"keg-1.2.3-rc1-linux-arm64.cdx.json", "keg-1.2.3-rc1-linux-arm64.tar.gz",
		"keg-1.2.3~rc1-1.aarch64.rpm", "keg-1.2.3~rc1-1.x86_64.rpm",
		"keg_1.2.3~rc1_amd64.deb", "keg_1.2.3~rc1_arm64.deb",
	}
	for i, all := range []map[string][]byte{first, second} {
		if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) {
			t.Errorf("%d: %q", i, got)
		}
	}
	for name, data := range first {
		if !bytes.Equal(data, second[name]) {
			t.Errorf("%s: %d bytes, %x, then %d bytes, %x", name, len(data), sha256.Sum256(data), len(second[name]), sha256.Sum256(second[name]))
		}
	}
}

// What the caller's environment has for other builds is not for this one.
func TestEnvironment(t *testing.T) {
	for _, name := range []string{"GOFLAGS", "GOAMD64", "GOARM64", "GOARCH", "GOEXPERIMENT", "MAKEFLAGS", "DESTDIR", "LDFLAGS"} {
		t.Setenv(name, "other")
	}
	for _, v := range buildEnvironment() {
		if strings.HasSuffix(v, "=other") {
			t.Error(v)
		}
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	sums, err := os.ReadFile(the(t, "SHA256SUMS"))
	if err != nil || strings.Count(string(sums), "\n") != 8 {
		t.Errorf("%s, %v", sums, err)
	}
	cmd := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	cmd.Dir = dist(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// Without SOURCE_DATE_EPOCH, the commit says what time it is.
func TestDate(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "")
	got, err := sourceDate("..")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(run(t, "git", "-c", "safe.directory=*", "log", "-1", "--format=%cI"))
	if commit, err := time.Parse(time.RFC3339, want); err != nil || !commit.Equal(got) {
		t.Errorf("%v, want %s, %v", got, want, err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "now")
	if _, err := sourceDate(".."); err == nil {
		t.Error("now is a date")
	}
}
