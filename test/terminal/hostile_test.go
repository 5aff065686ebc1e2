package terminal

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// swapper binds a file over each terminal as soon as there is one.
const swapper = `echo fake > /data/fake; chmod 666 /data/fake; echo > /data/ready
while :; do mount --bind /data/fake /dev/pts/0 2>/dev/null && echo > /data/swapped && break; done
sleep 1000`

// A container that swaps the new terminal of a process which joins it, or has
// something else mounted there, gets nothing of it: CVE-2025-52565.
func TestSwappedTerminal(t *testing.T) {
	b := kegtest.NewBundle(t, "sh", "-c", swapper)
	b.Privileged()
	b.Spec.Linux.Resources = nil
	b.Spec.Root.Readonly = false
	if os.Geteuid() == 0 {
		b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
		b.Spec.Linux.UIDMappings = []oci.LinuxIDMapping{{HostID: 100000, Size: 65536}}
		b.Spec.Linux.GIDMappings = b.Spec.Linux.UIDMappings
		script(t, b, "chown -hR 100000:100000 .")
	}
	b.Write()
	if r := b.Keg("run", "--detach", "--bundle", b.Dir, b.ID()); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	there := func(name string) func() bool {
		return func() bool { _, err := os.Stat(b.Dir + "/rootfs/data/" + name); return err == nil }
	}
	waitFor(t, "the container is ready", there("ready"))
	a := newAgent(t, "socket")
	r := b.Delayed("ioctl:delay_exit=500000", nil, func() {}, "exec", "-t", "--detach", "--console-socket", a.path, "-e", "HOME=/", b.ID(),
		"sh", "-c", "stat -Lc %F /proc/self/fd/0; read x")
	if r.Code != 0 {
		t.Fatalf("what is no terminal was taken for one: %s", r.Stderr)
	}
	waitFor(t, "the terminal is swapped", there("swapped"))
	until(t, a.master(), "character special file")
}

func script(t *testing.T, b *kegtest.Bundle, script string) {
	t.Helper()
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = b.Dir + "/rootfs"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// An image's /dev/console leads out of it: CVE-2026-88264.
func TestConsoleLeadsOut(t *testing.T) {
	kegtest.NeedRoot(t) // who makes devices without a tmpfs on /dev
	outside := kegtest.TempDir(t)
	if err := os.WriteFile(outside+"/canary", []byte("alive\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{outside + "/canary", outside + "/new", strings.Repeat("../", 20) + outside[1:] + "/canary"} {
		b := bundle(t, "sh", "-c", "cat /dev/console")
		b.Spec.Mounts = slices.DeleteFunc(b.Spec.Mounts, func(m oci.Mount) bool { return m.Destination == "/dev" })
		script(t, b, "ln -s "+to+" dev/console")
		b.Write()
		a := newAgent(t, "socket")
		r := b.Keg("create", "--console-socket", a.path, "--bundle", b.Dir, b.ID())
		if r.Code == 0 || !strings.Contains(r.Stderr, "/dev/console is no regular file") {
			t.Errorf("a console that is a link to %s was taken: exit status %d, %s", to, r.Code, r.Stderr)
		}
		b.Keg("delete", "-f", b.ID())
	}
	list, err := os.ReadDir(outside)
	text, _ := os.ReadFile(outside + "/canary")
	if err != nil || len(list) != 1 || string(text) != "alive\n" {
		t.Errorf("the canary was touched: %v, %q", list, text)
	}
}
