package run

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// Where vm.memfd_noexec=2 forbids executable memfds, the interpreter is an
// unlinked file of the state directory. The setting is a pid namespace's.
func TestMemfdNoexec(t *testing.T) {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "echo", "ran")
	r := kegtest.Finish(t, withoutMemfds(t, b, ""))
	if r.Code != 0 || r.Stdout != "ran\n" || r.Stderr != "" {
		t.Errorf("exit status %d, %q, %q", r.Code, r.Stdout, r.Stderr)
	}
}

// So is the process that holds an idmapped mount's user namespace.
func TestMemfdNoexecIDMap(t *testing.T) {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "stat", "-c", "%u:%g", "/m")
	b.Spec.Mounts = append(b.Spec.Mounts, idmapped(kegtest.TempDir(t), "/m", false, "bind"))
	last := &b.Spec.Mounts[len(b.Spec.Mounts)-1]
	last.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 500, Size: 1}}
	last.GIDMappings = last.UIDMappings
	r := kegtest.Finish(t, withoutMemfds(t, b, ""))
	if r.Code != 0 || r.Stdout != "500:500\n" || r.Stderr != "" {
		t.Errorf("exit status %d, %q, %q", r.Code, r.Stdout, r.Stderr)
	}
}

// … unless nothing can be executed there either.
func TestMemfdNoexecAndNoexecState(t *testing.T) {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "echo", "ran")
	r := kegtest.Finish(t, withoutMemfds(t, b, `mkdir "$STATE" && mount -t tmpfs -o noexec state "$STATE" &&`))
	want := ": permission denied (hint: vm.memfd_noexec=2 forbids executable memfds and the state directory is mounted noexec:" +
		" sysctl vm.memfd_noexec=1, or another --root)\n"
	if r.Code != 1 || !strings.HasSuffix(r.Stderr, want) {
		t.Errorf("exit status %d, %q, %q\nwant: %s", r.Code, r.Stdout, r.Stderr, want)
	}
}

// withoutMemfds is `keg run` in a pid namespace that forbids executable memfds.
func withoutMemfds(t *testing.T, b *kegtest.Bundle, prepare string) *exec.Cmd {
	t.Helper()
	const file = "/proc/sys/vm/memfd_noexec"
	if _, err := os.Stat(file); err != nil {
		t.Skip("a kernel before 6.3 has no vm.memfd_noexec")
	}
	run := foreground(t, b)
	script := "echo 2 >" + file + " && " + prepare + ` exec "$@"`
	cmd := exec.Command("unshare", append([]string{"--pid", "--fork", "--mount-proc", "sh", "-c", script, "sh"}, run.Args...)...)
	cmd.Env = append(os.Environ(), "STATE="+b.Root)
	return cmd
}
