package kegtest

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var applets = strings.Fields(`sh true false ls cat mount umount id ps sleep echo env hostname stat readlink touch mkdir
	rm ln grep wc head tail dd test chmod chown pwd date ip ifconfig kill nice sync mknod chroot tr sort cut awk sed seq
	find printf unshare nproc ulimit xargs tee od uname which mkfifo setsid su pidof pgrep cp mv df`)

// Rootfs makes a busybox root file system below the test's directory.
func Rootfs(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(TempDir(t), "rootfs")
	Populate(t, dir)
	return dir
}

// Prefix begins the names of directories, containers and cgroups of tests.
// test/mutation has its own, to know what its mutants have left.
func Prefix() string { return cmp.Or(os.Getenv("KEG_TEST_PREFIX"), "keg-test-") }

// TempDir is a directory that container users can reach, unlike t.TempDir's
// under a private parent.
func TempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", Prefix())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	own.Lock()
	defer own.Unlock()
	own.ids = append(own.ids, filepath.Base(dir))
	return dir
}

// Populate makes a busybox root file system in dir.
func Populate(t testing.TB, dir string) {
	t.Helper()
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		Skip(t, "no static busybox: apt-get install busybox-static")
	}
	for _, d := range []string{"bin", "dev", "etc", "proc", "sys", "tmp", "root", "data", "run"} {
		must(t, os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	must(t, os.WriteFile(filepath.Join(dir, "bin/busybox"), busybox, 0o755))
	for _, a := range applets {
		must(t, os.Symlink("busybox", filepath.Join(dir, "bin", a)))
	}
	must(t, os.WriteFile(filepath.Join(dir, "etc/passwd"), []byte("root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "etc/group"), []byte("root:x:0:\nuser:x:1000:\n"), 0o644))
}
