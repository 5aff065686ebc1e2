package errors

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

const private = "mount --make-rprivate / 2>/dev/null || mount -o private,rec /\n"

func hostCases() []broken {
	return []broken{
		{name: "state directory on a full disk", ns: syscall.CLONE_NEWNS,
			shell: private + "mkdir -p $STATE; mount -t tmpfs -o size=4k tmpfs $STATE; echo >$STATE/full"},
		{name: "state directory out of inodes", ns: syscall.CLONE_NEWNS,
			shell: private + "mkdir -p $STATE; mount -t tmpfs -o nr_inodes=1 tmpfs $STATE"},
		{name: "state directory is read-only", ns: syscall.CLONE_NEWNS,
			shell: private + "mkdir -p $STATE; mount -t tmpfs -o ro tmpfs $STATE"},
		{name: "state directory is out of reach", user: true, prepare: func(t *testing.T, b *kegtest.Bundle) {
			must(t, os.Chown(b.Root, 0, 0))
		}},
		{name: "state directory is a file", prepare: func(t *testing.T, b *kegtest.Bundle) {
			write(t, b.Root, "", 0o644)
		}},
		{name: "no proc", ns: syscall.CLONE_NEWNS, shell: private + "umount -l /proc"},
		{name: "cgroup is not empty", prepare: occupied},
		{name: "cgroup is frozen", prepare: frozen},
		{name: "cgroupsPath leads up", prepare: func(_ *testing.T, b *kegtest.Bundle) { b.Spec.Linux.CgroupsPath = "/a/../../b" }},
		{name: "named cgroup as an ordinary user, " + cgroupVersion(), user: true, prepare: func(_ *testing.T, b *kegtest.Bundle) {
			b.Spec.Linux.CgroupsPath = "/" + b.ID()
		}},
	}
}

// cgroupVersion is of what a user may have delegated.
func cgroupVersion() string {
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		return "v2"
	}
	return "v1"
}

// testCgroup makes a cgroup that the configuration names, in one hierarchy.
func testCgroup(t *testing.T, b *kegtest.Bundle, controller string) string {
	t.Helper()
	dir := filepath.Join("/sys/fs/cgroup", controller)
	if _, err := os.Stat(dir); err != nil {
		dir = "/sys/fs/cgroup" // v2
	}
	b.Spec.Linux.CgroupsPath = "/" + b.ID()
	dir = filepath.Join(dir, b.ID())
	must(t, os.Mkdir(dir, 0o755))
	t.Cleanup(func() { os.Remove(dir) })
	return dir
}

func occupied(t *testing.T, b *kegtest.Bundle) {
	dir := testCgroup(t, b, "pids")
	cmd := exec.Command("sleep", "60")
	must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait(); os.Remove(dir) })
	must(t, os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(cmd.Process.Pid)), 0))
}

func frozen(t *testing.T, b *kegtest.Bundle) {
	dir := testCgroup(t, b, "freezer")
	file, on, off := "cgroup.freeze", "1", "0"
	if strings.Contains(dir, "/freezer/") {
		file, on, off = "freezer.state", "FROZEN", "THAWED"
	}
	must(t, os.WriteFile(filepath.Join(dir, file), []byte(on), 0))
	t.Cleanup(func() { os.WriteFile(filepath.Join(dir, file), []byte(off), 0); os.Remove(dir) })
}
