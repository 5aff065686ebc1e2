package checkpoint

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// holder is a process with network and UTS namespaces of its own.
func holder(t *testing.T) (dir string) {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return fmt.Sprintf("/proc/%d/ns", cmd.Process.Pid)
}

func inode(t *testing.T, path string) uint64 {
	t.Helper()
	var st syscall.Stat_t
	if err := syscall.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	return st.Ino
}

// join gives the container another's namespaces.
func (b *box) join(dir string) {
	kept := b.Spec.Linux.Namespaces[:0:0]
	for _, ns := range b.Spec.Linux.Namespaces {
		if ns.Type != oci.UTSNamespace && ns.Type != oci.NetworkNamespace {
			kept = append(kept, ns)
		}
	}
	b.Spec.Hostname = ""
	b.Spec.Linux.Namespaces = append(kept, oci.LinuxNamespace{Type: oci.NetworkNamespace, Path: filepath.Join(dir, "net")},
		oci.LinuxNamespace{Type: oci.UTSNamespace, Path: filepath.Join(dir, "uts")})
	b.Write()
}

// Namespaces that others have made are not saved: a container is restored into
// those that the configuration names by then.
func TestJoinedNamespaces(t *testing.T) {
	needCRIU(t)
	first, second := holder(t), holder(t)
	held := kegtest.Leftovers()
	b := newBox(t)
	b.join(first)
	b.run()
	b.do(1, ":")
	// What exec has started is no descendant of the init.
	must(t, b.Keg("exec", "-d", b.ID(), "sleep", "1000"))
	r := b.Keg("checkpoint", "--image-path", b.images("x"), b.ID())
	if r.Code != 0 || !strings.Contains(r.Stderr, "processes that were started by exec are not saved: [") {
		t.Fatalf("exit status %d, %q, and no warning of what is lost", r.Code, r.Stderr)
	}
	b.join(second)
	b.restore(b.images("x"))
	b.do(2, ":")
	for _, name := range []string{"net", "uts"} {
		if got, want := inode(t, fmt.Sprintf("/proc/%d/ns/%s", b.pid(), name)), inode(t, filepath.Join(second, name)); got != want {
			t.Errorf("%s namespace %d, want %d", name, got, want)
		}
	}
	must(t, b.Keg("delete", "-f", b.ID()))
	b.gone(held)
}
