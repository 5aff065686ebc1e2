package run

import (
	"os"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// fakeDev is a volume for /dev, whose null is a file.
func fakeDev(t *testing.T) hostTree {
	t.Helper()
	return newHostTree(t, "mkdir dev; echo fake > dev/null; chmod 666 dev/null; mkdir dev/pts dev/shm dev/mqueue")
}

// Masked files are covered by the null device, not by what the container has in
// its place (CVE-2025-31133).
func TestMaskedWithFakeNull(t *testing.T) {
	b := bundle(t, "cat /f; stat -c %F /f", bind(fakeDev(t).path("dev"), "/dev"))
	b.Spec.Mounts = append(b.Spec.Mounts[:1:1], b.Spec.Mounts[len(b.Spec.Mounts)-1])
	inImage(t, b, "echo secret > f")
	b.Spec.Linux.MaskedPaths = []string{"/f"}
	if r := b.Run(); r.Stdout != "character special file\n" {
		t.Errorf("the mask is not the null device: %q\n%s", r.Stdout, r.Stderr)
	}
}

// … and the host's is taken for it only if it is one.
func TestMaskedWithFakeNullOnHost(t *testing.T) {
	b := bundle(t, "cat /f", bind(fakeDev(t).path("dev"), "/dev"))
	b.Spec.Mounts = append(b.Spec.Mounts[:1:1], b.Spec.Mounts[len(b.Spec.Mounts)-1])
	inImage(t, b, "echo secret > f")
	b.Spec.Linux.MaskedPaths = []string{"/f"}
	r := onHost(t, b, "echo fake > $B/null; chmod 666 $B/null; mount --bind $B/null /dev/null; $run")
	if r.Code == 0 || !strings.Contains(r.Stderr, "linux.maskedPaths") || !strings.Contains(r.Stderr, "not the device") {
		t.Errorf("the mask is not the null device: exit status %d, %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

// proc and sysfs lie on real directories only, wherever they are mounted: on a
// link, what is written to /proc/self/attr could go anywhere (CVE-2019-19921).
func TestProcOverLink(t *testing.T) {
	for _, kind := range []string{"proc", "sysfs"} {
		if kind == "sysfs" && os.Geteuid() != 0 {
			continue // it belongs to the network namespace
		}
		b := bundle(t, "true", mount(kind, kind, "/data/link"))
		inImage(t, b, "mkdir real; ln -s /real data/link")
		wantRefused(t, b, "mounts[", "symbolic link", "data/link")
		b = bundle(t, "true", mount(kind, kind, "/data/link/below"))
		inImage(t, b, "mkdir -p real/below; ln -s /real data/link")
		wantRefused(t, b, "mounts[", "symbolic link", "data/link")
	}
}

// A bind over what the image has made a link of is refused as well.
func TestBindOverSpecialLink(t *testing.T) {
	for _, dir := range []string{"proc", "sys"} {
		b := bundle(t, "true")
		b.Spec.Mounts = []oci.Mount{bind("/bin", "/"+dir)}
		b.Spec.Linux.MaskedPaths, b.Spec.Linux.ReadonlyPaths = nil, nil
		inImage(t, b, "rmdir "+dir+"; ln -s data "+dir)
		if os.Geteuid() != 0 { // who makes no devices without a tmpfs on /dev
			b.Spec.Mounts = append(b.Spec.Mounts, tmpfs("/dev"))
		}
		wantRefused(t, b, "mounts[0]", "symbolic link", dir)
	}
}

// Without a cgroup namespace no cgroup can be written to, whatever the mount's
// options say: the host's would be next to it (CVE-2023-25809).
func TestCgroupsAreReadOnly(t *testing.T) {
	b := bundle(t, `cd /sys/fs/cgroup; for d in . *; do (mkdir $d/sub && rmdir $d/sub && echo $d) 2>/dev/null; done
grep -c ' - cgroup2* ' /proc/self/mountinfo >&2; awk '/ - cgroup2? / && $6 !~ /^ro/ {print $5}' /proc/self/mountinfo`)
	kegtest.NeedRoot(t)
	for i, n := range b.Spec.Linux.Namespaces {
		if n.Type == "cgroup" {
			b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces[:i:i], b.Spec.Linux.Namespaces[i+1:]...)
			break
		}
	}
	b.Spec.Linux.Resources = nil
	for i := range b.Spec.Mounts {
		if b.Spec.Mounts[i].Type == "cgroup" {
			b.Spec.Mounts[i].Options = []string{"rw", "nosuid", "noexec", "nodev"}
		}
	}
	r := b.Run()
	if r.Code != 0 || r.Stderr == "0\n" {
		t.Fatalf("exit status %d, %s", r.Code, r.Stderr)
	}
	if r.Stdout != "" {
		t.Errorf("cgroups that can be written to:\n%s", r.Stdout)
	}
}
