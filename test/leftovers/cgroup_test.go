package leftovers

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// A keg that is killed between the first thing it makes, which is a cgroup, and
// the container's first process leaves what delete -f can find (runc #4534).
func TestKilledBeforeInit(t *testing.T) {
	kegtest.NeedRoot(t) // who may make cgroups
	strace, err := exec.LookPath("strace")
	if err != nil {
		kegtest.Skip(t, "no strace: run test/setup")
	}
	b := bundle(t, func(*oci.Spec) {})
	before := kegtest.Leftovers()
	kegtest.Finish(t, exec.Command(strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace=memfd_create", "-e", "inject=memfd_create:signal=KILL",
		kegtest.Keg(t), "--root", b.Root, "create", "--no-new-keyring", "--bundle", b.Dir, b.ID()))
	if made := newCgroups(before); len(made) == 0 {
		t.Fatal("keg had not made a cgroup: nothing was tested")
	}
	clear(t, b, scene{name: "create"}, 0, before)
}

// What a keg that was killed early leaves is a directory, without a state.
func TestHalfMade(t *testing.T) {
	b := bundle(t, func(*oci.Spec) {})
	before := kegtest.Leftovers()
	if err := os.MkdirAll(filepath.Join(b.Root, b.ID()), 0o700); err != nil {
		t.Fatal(err)
	}
	clear(t, b, scene{name: "create"}, 0, before)
}

func newCgroups(before map[string]bool) []string {
	var made []string
	for name := range kegtest.Leftovers() {
		if strings.HasPrefix(name, "cgroup ") && !before[name] {
			made = append(made, name)
		}
	}
	return made
}

// Without a pid namespace, what the container's program has started outlives
// it, and the cgroup that it is in cannot be removed until it is ended
// (containerd #11087).
func TestNoPidNamespace(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, args := range [][]string{{"delete"}, {"delete", "-f"}} {
		b := bundle(t, func(s *oci.Spec) {
			s.Linux.Namespaces = slices.DeleteFunc(s.Linux.Namespaces, func(n oci.LinuxNamespace) bool { return n.Type == oci.PIDNamespace })
			s.Process.Args = []string{"sh", "-c", "sleep 1000 & mkdir -p /data/mark"}
		})
		before := kegtest.Leftovers()
		if r := b.Keg("run", "-d", "--no-new-keyring", "--bundle", b.Dir, b.ID()); r.Code != 0 {
			t.Fatal(r.Stderr)
		}
		waitStopped(t, b)
		if r := b.Keg(append(args, b.ID())...); r.Code != 0 {
			t.Errorf("%v: %s", args, r.Stderr)
		}
		if left := newCgroups(before); len(left) > 0 {
			t.Errorf("%v left a cgroup behind: %v", args, left)
		}
		os.Remove(filepath.Join(b.Dir, "rootfs/data/mark"))
		clear(t, b, scene{name: strings.Join(args, " ")}, 0, before)
	}
}
