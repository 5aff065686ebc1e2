package run

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/test/kegtest"
)

// status is the container's /proc/self/status: name and value.
func status(t *testing.T, b *kegtest.Bundle, flags ...string) map[string]string {
	t.Helper()
	b.Spec.Process.Args = []string{"cat", "/proc/self/status"}
	fields := map[string]string{}
	for line := range strings.Lines(b.Output(flags...)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		fields[name] = strings.Join(strings.Fields(value), " ")
	}
	return fields
}

func expectStatus(t *testing.T, got map[string]string, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s: %q, want %q", name, got[name], value)
		}
	}
}

func TestUser(t *testing.T) {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t)
	umask := uint32(0o027)
	b.Spec.Process.User = oci.User{UID: 1000, GID: 1001, AdditionalGids: []uint32{5, 4711}, Umask: &umask}
	expectStatus(t, status(t, b), map[string]string{
		"Uid": "1000 1000 1000 1000", "Gid": "1001 1001 1001 1001", "Groups": "5 4711", "Umask": "0027",
	})
}

func TestUserDefaults(t *testing.T) {
	want := map[string]string{"Uid": "0 0 0 0", "Gid": "0 0 0 0", "Groups": "", "Umask": "0022"}
	if os.Geteuid() != 0 {
		delete(want, "Groups") // setgroups is denied: they stay the caller's
	}
	expectStatus(t, status(t, kegtest.NewBundle(t)), want)
}

// What a person's shell has ignored or blocked is no business of the container's,
// except that an ignored signal stays ignored over execve. signal(7)
func TestSignalsAreDefault(t *testing.T) {
	expectStatus(t, status(t, kegtest.NewBundle(t)), map[string]string{
		"SigBlk": "0000000000000000", "SigIgn": ownStatus(t, "SigIgn"), "SigCgt": "0000000000000000", "NoNewPrivs": "1",
	})
}

// ownStatus is a line of the test process's own /proc/self/status.
func ownStatus(t *testing.T, key string) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("no %s in /proc/self/status", key)
	return ""
}

func TestNewPrivileges(t *testing.T) {
	b := kegtest.NewBundle(t)
	b.Spec.Process.NoNewPrivileges = false
	expectStatus(t, status(t, b), map[string]string{"NoNewPrivs": "0"})
}

const (
	noCaps  = "0000000000000000"
	chown   = "0000000000000001" // CAP_CHOWN
	twoCaps = "0000000000000401" // and CAP_NET_BIND_SERVICE
)

func TestCapabilities(t *testing.T) {
	one, two := []string{"CAP_CHOWN"}, []string{"CAP_CHOWN", "CAP_NET_BIND_SERVICE"}
	type sets = oci.LinuxCapabilities
	for _, c := range []struct {
		name                                                    string
		uid                                                     uint32
		caps                                                    *sets
		bounding, permitted, effective, inheritable, ambientSet string
	}{
		{"none", 0, nil, noCaps, noCaps, noCaps, noCaps, noCaps},
		{"empty", 0, &sets{}, noCaps, noCaps, noCaps, noCaps, noCaps},
		// execve gives root what the bounding set leaves. capabilities(7)
		{"bounding alone, root", 0, &sets{Bounding: two}, twoCaps, twoCaps, twoCaps, noCaps, noCaps},
		{"bounding alone, user", 1000, &sets{Bounding: two}, twoCaps, noCaps, noCaps, noCaps, noCaps},
		{"all but inheritable, user", 1000, &sets{Bounding: two, Permitted: two, Effective: one}, twoCaps, noCaps, noCaps, noCaps, noCaps},
		{"inheritable", 1000, &sets{Bounding: two, Permitted: two, Inheritable: one}, twoCaps, noCaps, noCaps, chown, noCaps},
		{"ambient, user", 1000, &sets{Bounding: two, Permitted: two, Effective: two, Inheritable: two, Ambient: one}, twoCaps, chown, chown, twoCaps, chown},
		{"ambient, not inheritable", 1000, &sets{Bounding: two, Permitted: two, Effective: two, Ambient: two}, twoCaps, noCaps, noCaps, noCaps, noCaps},
		{"ambient, root", 0, &sets{Bounding: two, Permitted: two, Effective: two, Inheritable: two, Ambient: one}, twoCaps, twoCaps, twoCaps, twoCaps, noCaps},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.uid != 0 {
				kegtest.NeedRoot(t)
			}
			b := kegtest.NewBundle(t)
			b.Spec.Process.User.UID, b.Spec.Process.User.GID = c.uid, c.uid
			b.Spec.Process.Capabilities = c.caps
			b.Spec.Process.NoNewPrivileges = false // it would keep root from what execve gives it
			got := status(t, b)
			want := map[string]string{"CapBnd": c.bounding, "CapPrm": c.permitted, "CapEff": c.effective, "CapInh": c.inheritable}
			if c.uid != 0 { // root's ambient set is not used, but may be shown
				want["CapAmb"] = c.ambientSet
			}
			expectStatus(t, got, want)
		})
	}
}

func TestUnknownCapability(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", "grep CapBnd /proc/self/status")
	b.Spec.Linux.Resources = nil
	b.Spec.Process.Capabilities = &oci.LinuxCapabilities{Bounding: []string{"CAP_CHOWN", "CAP_MAKE_COFFEE"}}
	r := b.Run()
	if want := "keg: warning: process.capabilities.bounding[1]: ignored: this kernel does not know \"CAP_MAKE_COFFEE\"\n"; r.Code != 0 || r.Stderr != want {
		t.Errorf("exit status %d, %q, want %q", r.Code, r.Stderr, want)
	}
	if want := "CapBnd:\t" + chown + "\n"; r.Stdout != want {
		t.Errorf("%q, want %q", r.Stdout, want)
	}
}

// The caller's own inheritable and ambient capabilities must not show
// (CVE-2022-24769).
func TestCallersCapabilitiesAreNotInherited(t *testing.T) {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "grep", "^Cap", "/proc/self/status")
	b.Spec.Process.User = oci.User{UID: 1000, GID: 1000}
	b.Write()
	cmd := exec.Command("setpriv", "--inh-caps", "+chown,+net_raw", "--ambient-caps", "+chown,+net_raw",
		kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID())
	r := kegtest.Finish(t, cmd)
	var got []string
	for line := range strings.Lines(r.Stdout) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"CapInh: " + noCaps, "CapPrm: " + noCaps, "CapEff: " + noCaps, "CapBnd: 0000000020000420", "CapAmb: " + noCaps}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q\n%s", got, want, r.Stderr)
	}
}

// A set-user-id program gives nothing under noNewPrivileges. (Not busybox: its
// applets give such privileges up.)
func TestNoNewPrivilegesHolds(t *testing.T) {
	kegtest.NeedRoot(t)
	for nnp, want := range map[bool]uint32{true: 1000, false: 0} {
		b := kegtest.NewBundle(t, "/data/keg", "spec", "--bundle", "/tmp")
		b.Spec.Process.NoNewPrivileges = nnp
		b.Spec.Process.User = oci.User{UID: 1000, GID: 1000}
		b.Spec.Root.Readonly = false
		inRootfs(t, b, "data/keg", read(t, kegtest.Keg(t)), 0o755|os.ModeSetuid)
		if err := os.Chmod(filepath.Join(b.Dir, "rootfs/tmp"), 0o777); err != nil {
			t.Fatal(err)
		}
		b.Output()
		info, err := os.Stat(filepath.Join(b.Dir, "rootfs/tmp/config.json"))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Sys().(*syscall.Stat_t).Uid; got != want {
			t.Errorf("noNewPrivileges %v: effective user %d, want %d", nnp, got, want)
		}
	}
}

// hasCapability reports whether the test itself has a capability: root of a
// container or a confined machine lacks some.
func hasCapability(t *testing.T, number uint) bool {
	t.Helper()
	caps, err := linux.Capabilities()
	if err != nil {
		t.Fatal(err)
	}
	return caps>>number&1 != 0
}

// A capability that keg cannot give is a warning, as the specification has it:
// whoever asks for all gets what there is. A user namespace has them all.
// runtime-spec config.md#linux-process
func TestWithheldCapabilities(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, user := range []bool{false, true} {
		b := kegtest.NewBundle(t, "grep", "CapEff", "/proc/self/status")
		all := []string{"CAP_SYS_TIME", "CAP_KILL"}
		b.Spec.Process.Capabilities = &oci.LinuxCapabilities{Bounding: all, Effective: all, Permitted: all}
		want, warned := "CapEff:\t0000000000000020\n", true
		if user {
			newNamespace(t, b, oci.UserNamespace)
			want, warned = "CapEff:\t0000000002000020\n", false
		}
		b.Write()
		r := kegtest.Finish(t, exec.Command("setpriv", "--bounding-set=-sys_time",
			kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID()))
		warning := strings.Contains(r.Stderr, "process.capabilities: not granted, since keg does not have them itself: CAP_SYS_TIME")
		if r.Code != 0 || r.Stdout != want || warning != warned {
			t.Errorf("user namespace %v: %+v", user, r)
		}
	}
}
