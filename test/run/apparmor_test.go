package run

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// These tests say what is true with AppArmor and without; test/apparmor runs
// them where it is.

func hasAppArmor() bool {
	enabled, err := os.ReadFile("/sys/module/apparmor/parameters/enabled")
	return err == nil && len(enabled) > 0 && enabled[0] == 'Y'
}

// profile allows all but to write below /data/denied.
const (
	profileName = "keg-test-profile"
	profile     = `profile ` + profileName + ` flags=(attach_disconnected,mediate_deleted) {
	capability, network, signal, ptrace, mount, umount, pivot_root, unix, file,
	deny /data/denied w,
}
`
)

func loadProfile(t *testing.T) {
	t.Helper()
	kegtest.NeedRoot(t)
	parser := func(action string) ([]byte, error) {
		cmd := exec.Command("apparmor_parser", action)
		cmd.Stdin = strings.NewReader(profile)
		return cmd.CombinedOutput()
	}
	if out, err := parser("-rK"); err != nil {
		t.Fatalf("apparmor_parser: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := parser("-R"); err != nil {
			t.Errorf("apparmor_parser -R: %v\n%s", err, out)
		}
	})
}

const confinedScript = "cat /proc/self/attr/current; (echo x >/data/denied) 2>/dev/null || echo denied; echo x >/data/allowed && echo allowed"

// The profile holds from the program's first instruction, however the container
// is made, and it is what exec gives as well.
func TestAppArmorConfines(t *testing.T) {
	if !hasAppArmor() {
		withoutAppArmor(t)
		return
	}
	loadProfile(t)
	const want = profileName + " (enforce)\ndenied\nallowed\n"
	for name, change := range map[string]func(*testing.T, *kegtest.Bundle){
		"plain":             func(*testing.T, *kegtest.Bundle) {},
		"no new privileges": func(_ *testing.T, b *kegtest.Bundle) { b.Spec.Process.NoNewPrivileges = true },
		"new privileges":    func(_ *testing.T, b *kegtest.Bundle) { b.Spec.Process.NoNewPrivileges = false },
		"user namespace":    func(t *testing.T, b *kegtest.Bundle) { newNamespace(t, b, oci.UserNamespace) },
		"the host's pids":   func(_ *testing.T, b *kegtest.Bundle) { dropNamespace(b.Spec, oci.PIDNamespace) },
		"an init":           func(_ *testing.T, b *kegtest.Bundle) { b.Spec.Annotations = map[string]string{"org.keg.init": "true"} },
	} {
		t.Run(name, func(t *testing.T) {
			b := kegtest.NewBundle(t, "sh", "-c", confinedScript+"; exec sleep 100")
			b.Spec.Process.ApparmorProfile, b.Spec.Root.Readonly = profileName, false
			change(t, b)
			b.Spec.Process.Args[2] = confinedScript
			if got := b.Output(); got != want {
				t.Errorf("run:\n%s", got)
			}
			b.Spec.Process.Args = []string{"sleep", "100"}
			started(t, b)
			if got := execOutput(t, b, "sh", "-c", confinedScript); got != want {
				t.Errorf("exec:\n%s", got)
			}
		})
	}
}

// A process that exec starts may have a profile of its own.
func TestAppArmorOfExec(t *testing.T) {
	b := kegtest.NewBundle(t, "sleep", "100")
	b.Spec.Root.Readonly = false
	if !hasAppArmor() {
		started(t, b)
		r := b.Keg("exec", "--apparmor", profileName, b.ID(), "true")
		if r.Code != 255 || !strings.Contains(r.Stderr, "process.apparmorProfile: AppArmor is not enabled on this machine") {
			t.Errorf("%+v", r)
		}
		return
	}
	loadProfile(t)
	started(t, b)
	r := b.Keg("exec", "--apparmor", profileName, b.ID(), "sh", "-c", confinedScript)
	if r.Code != 0 || r.Stdout != profileName+" (enforce)\ndenied\nallowed\n" {
		t.Errorf("%+v", r)
	}
}

// An image whose /proc is files of its own gets its program confined all the
// same (CVE-2019-16884).
func TestAppArmorThroughNoProcOfTheImage(t *testing.T) {
	if !hasAppArmor() {
		withoutAppArmor(t)
		return
	}
	loadProfile(t)
	b := kegtest.NewBundle(t, "sh", "-c", "(echo x >/data/denied) 2>/dev/null || echo denied; cat /proc/self/attr/apparmor/exec /proc/self/attr/exec")
	b.Spec.Process.ApparmorProfile, b.Spec.Root.Readonly = profileName, false
	b.Spec.Linux.MaskedPaths, b.Spec.Linux.ReadonlyPaths = nil, nil
	for i, m := range b.Spec.Mounts {
		if m.Type == "proc" {
			b.Spec.Mounts = append(b.Spec.Mounts[:i], b.Spec.Mounts[i+1:]...)
			break
		}
	}
	for _, name := range []string{"proc/self/attr/apparmor/exec", "proc/self/attr/exec"} {
		file := filepath.Join(b.Dir, "rootfs", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.Output(); got != "denied\n" {
		t.Errorf("%q", got)
	}
}

// A profile that is not loaded is said to be missing, and nothing runs without.
func TestAppArmorProfileIsMissing(t *testing.T) {
	b := kegtest.NewBundle(t, "echo", "hello")
	b.Spec.Process.ApparmorProfile = "keg-no-such-profile"
	want := "process.apparmorProfile: AppArmor is not enabled on this machine"
	if hasAppArmor() {
		want = "(hint: no such profile is loaded: load it with apparmor_parser)"
	}
	if r := b.Run(); r.Code != 1 || r.Stdout != "" || !strings.Contains(r.Stderr, want) {
		t.Errorf("%+v", r)
	}
}

// What nothing confines is unconfined, whether AppArmor is there or not.
func TestAppArmorUnconfined(t *testing.T) {
	b := kegtest.NewBundle(t, "echo", "hello")
	b.Spec.Process.ApparmorProfile = "unconfined"
	if got := b.Output(); got != "hello\n" {
		t.Errorf("%q", got)
	}
}

// withoutAppArmor is what is left to see of a profile where there is none.
func withoutAppArmor(t *testing.T) {
	t.Helper()
	b := kegtest.NewBundle(t, "echo", "hello")
	b.Spec.Process.ApparmorProfile = profileName
	if r := b.Run(); r.Code != 1 || r.Stdout != "" || !strings.Contains(r.Stderr, "process.apparmorProfile: AppArmor is not enabled on this machine") {
		t.Errorf("%+v", r)
	}
}
