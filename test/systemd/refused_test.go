package systemd

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// What is wrong is said before anything is made.
func TestRefused(t *testing.T) {
	b := kegtest.NewBundle(t, "true")
	for _, tt := range []struct {
		flag, path, key, value, want string
	}{
		{"--systemd-cgroup", "/a/b", "", "", `linux.cgroupsPath: "/a/b" is not of the form SLICE:PREFIX:NAME`},
		{"--systemd-cgroup", "a.slice:p:n.slice", "", "", `linux.cgroupsPath: "a.slice:p:n.slice" names a slice`},
		{"--systemd-cgroup", "../a.slice:p:n", "", "", "linux.cgroupsPath: "},
		{"--systemd-cgroup", "", "org.systemd.property.MemoryMax", "lots", `annotations.org.systemd.property.MemoryMax: "lots" is not a value`},
		{"--systemd-cgroup", "", "run.oci.systemd.subgroup", "../up", "annotations.run.oci.systemd.subgroup: "},
		{"--systemd-cgroup=false", "system.slice:p:n", "", "", `linux.cgroupsPath: "system.slice:p:n": a path of the form SLICE:PREFIX:NAME is for systemd, and needs the flag --systemd-cgroup`},
	} {
		b.Spec.Linux.CgroupsPath, b.Spec.Annotations = tt.path, map[string]string{tt.key: tt.value}
		if tt.key == "" {
			b.Spec.Annotations = nil
		}
		b.Write()
		r := b.Keg(tt.flag, "create", "--bundle", b.Dir, b.ID())
		if r.Code != 1 || !strings.Contains(r.Stderr, tt.want) {
			t.Errorf("%+v: status %d, %s", tt, r.Code, r.Stderr)
		}
		nothingRecorded(t, b)
	}
}

// A property that systemd does not know is an error that has its name, and
// nothing is left.
func TestUnknownProperty(t *testing.T) {
	b := bundle(t, "sleep 1000", annotate("org.systemd.property.Gibberish", "5"))
	r := b.Keg("--systemd-cgroup", "create", "--bundle", b.Dir, b.ID())
	if r.Code != 1 || !strings.Contains(r.Stderr, "Gibberish") {
		t.Errorf("status %d, %s", r.Code, r.Stderr)
	}
	nothingLeft(t, b.ID())
}

func TestWithoutSystemd(t *testing.T) {
	if _, err := os.Stat("/run/systemd/system"); err == nil {
		t.Skip("systemd runs here")
	}
	b := kegtest.NewBundle(t, "true")
	b.Write()
	r := b.Keg("--systemd-cgroup", "create", "--bundle", b.Dir, b.ID())
	if r.Code != 1 || !strings.Contains(r.Stderr, "--systemd-cgroup: systemd does not run here: ") || !strings.Contains(r.Stderr, "hint: leave the flag out") {
		t.Errorf("status %d, %s", r.Code, r.Stderr)
	}
	if r := b.Keg("--systemd-cgroup", "explain", "--bundle", b.Dir); r.Code != 0 || !strings.Contains(r.Stdout, "keg-explained.scope") {
		t.Errorf("status %d, %s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// A manager that accepts and never answers costs a command its deadline and no
// more, and leaves nothing.
func TestHangs(t *testing.T) {
	b := kegtest.NewBundle(t, "true")
	b.Write()
	dir := kegtest.TempDir(t)
	if err := os.Mkdir(dir+"/systemd", 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", dir+"/systemd/private")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("XDG_RUNTIME_DIR", dir)                                         // a user's manager
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")                                 // not another one
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+dir+"/systemd/private") // root's
	begin := time.Now()
	r := b.Keg("--systemd-cgroup", "create", "--bundle", b.Dir, b.ID())
	if took := time.Since(begin); r.Code != 1 || !strings.Contains(r.Stderr, "--systemd-cgroup: ") || !strings.Contains(r.Stderr, "i/o timeout") || took < 5*time.Second || took > 50*time.Second {
		t.Errorf("status %d after %v: %s", r.Code, took, r.Stderr)
	}
	nothingRecorded(t, b)
}

func nothingRecorded(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	list, err := os.ReadDir(b.Root)
	if err != nil && !os.IsNotExist(err) || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
}
