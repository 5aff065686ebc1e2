package run

import (
	"os"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// sessionKeyring prints the keyrings of that name that the process may see.
func sessionKeyring(b *kegtest.Bundle) []string {
	return []string{"sh", "-c", "grep ' _ses." + b.ID() + "[.][0-9a-z]*: ' /proc/keys | cut -d' ' -f1"}
}

// The container has a session keyring named after it, and what joins it with
// exec has the same one: as root in a container, and as root of a user
// namespace.
func TestExecJoinsTheSessionKeyring(t *testing.T) {
	for _, userns := range []bool{false, true} {
		b := kegtest.NewBundle(t, "sleep", "100")
		if userns && os.Geteuid() == 0 {
			newNamespace(t, b, oci.UserNamespace)
		}
		b.Spec.Linux.MaskedPaths = nil // /proc/keys
		started(t, b)
		list := sessionKeyring(b)
		first := execOutput(t, b, list...)
		if len(first) != 9 { // one serial number, and a line end
			t.Fatalf("user namespace %v: session keyrings:\n%s", userns, first)
		}
		if again := execOutput(t, b, list...); again != first {
			t.Errorf("user namespace %v: first\n%sthen\n%s", userns, first, again)
		}
	}
}

// A container of the same id below another --root has a keyring of its own, and
// so has one whose id another container has made a keyring after.
func TestSessionKeyringIsNotAnothers(t *testing.T) {
	kegtest.NeedRoot(t) // or none sees the other's, in another user namespace
	b := kegtest.NewBundle(t, "sleep", "100")
	b.Spec.Linux.MaskedPaths = nil
	started(t, b)
	other := *b
	other.Root = kegtest.TempDir(t)
	b.Spec.Linux.CgroupsPath = "/" + b.ID() + "-other"
	started(t, &other)
	if list := execOutput(t, &other, "sh", "-c", "grep -c ' _ses."+b.ID()+"' /proc/keys"); list != "2\n" {
		t.Errorf("two containers have so many session keyrings: %s", list)
	}
}

// With --no-new-keyring the caller's stays, for exec as well.
func TestNoNewKeyring(t *testing.T) {
	b := kegtest.NewBundle(t, "sleep", "100")
	b.Spec.Linux.MaskedPaths = nil
	started(t, b, "--no-new-keyring")
	for range 2 {
		if got := execOutput(t, b, sessionKeyring(b)...); got != "" {
			t.Errorf("keyrings:\n%s", got)
		}
	}
}

// started runs the container in the background.
func started(t *testing.T, b *kegtest.Bundle, flags ...string) {
	t.Helper()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	if r := b.Run(append([]string{"--detach"}, flags...)...); r.Code != 0 {
		t.Fatalf("run --detach: %+v", r)
	}
}

func execOutput(t *testing.T, b *kegtest.Bundle, command ...string) string {
	t.Helper()
	r := b.Keg(append([]string{"exec", b.ID()}, command...)...)
	if r.Code != 0 {
		t.Fatalf("exec: %+v", r)
	}
	return r.Stdout
}
