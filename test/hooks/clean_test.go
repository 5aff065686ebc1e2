package hooks

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// Whatever keg's caller has left open, a hook of any kind has its three
// streams and nothing else.
func TestDescriptors(t *testing.T) {
	s := newScene(t, "until [ -e /data/poststart ]; do sleep 0.01; done")
	s.hooks(`exec > $D/KIND.fds; for n in $(seq 0 99); do [ -e /proc/self/fd/$n ] && echo $n; done; touch $D/KIND`)
	s.Write()
	dir, err := os.Open(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	for _, args := range [][]string{
		{"create", "--bundle", s.Dir, s.ID()}, {"start", s.ID()}, {"delete", s.ID()},
		{"run", "--preserve-fds", "2", "--bundle", s.Dir, s.ID()},
	} {
		cmd := exec.Command(kegtest.Keg(t), append([]string{"--root", s.Root}, args...)...)
		cmd.ExtraFiles = make([]*os.File, 40)
		cmd.ExtraFiles[0], cmd.ExtraFiles[1], cmd.ExtraFiles[7], cmd.ExtraFiles[39] = dir, dir, dir, dir
		if r := kegtest.Finish(t, cmd); r.Code != 0 {
			t.Fatalf("%v: %s", args, r.Stderr)
		}
		if args[0] == "start" {
			s.await()
		}
		if args[0] != "delete" && args[0] != "run" {
			continue
		}
		for _, kind := range kinds {
			s.expect(kind+".fds", "0\n1\n2\n")
			os.Remove(filepath.Join(s.data, kind))
		}
	}
}

// What a hook leaves in the container's cgroup ends with the container.
func TestLeftInCgroup(t *testing.T) {
	kegtest.NeedRoot(t)
	s := newScene(t, "true")
	s.without(oci.PIDNamespace)
	s.hook("createContainer", "sleep 4324 &")
	before := kegtest.Leftovers()
	s.Output()
	s.undone(before)
	s.hook("createContainer", "exit 9")
	s.fails(s.create()...)
	s.undone(before)
}

// While hooks look at the root, nobody else does, whatever propagates.
func TestRootDoesNotShow(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, p := range []string{"", "rprivate", "rslave", "rshared"} {
		t.Run(p, func(t *testing.T) {
			s := newScene(t, "true")
			s.Spec.Linux.RootfsPropagation = p
			s.hook("prestart", "cat /proc/self/mountinfo > $D/outside")
			s.hook("createContainer", "cat /proc/self/mountinfo > $D/inside")
			s.Write()
			r := kegtest.Finish(t, exec.Command("unshare", "-m", "--propagation", "private", "sh", "-ec",
				`mount --make-rshared /; mount --bind $0 $0; mount --make-shared $0; "$@"`, s.Dir, kegtest.Keg(t), "--root", s.Root, "run", "--bundle", s.Dir, s.ID()))
			if r.Code != 0 {
				t.Fatal(r.Stderr)
			}
			root := " " + s.Dir + "/rootfs"
			if !strings.Contains(s.got("inside"), root+"/proc ") || strings.Contains(s.got("outside"), root) {
				t.Errorf("outside:\n%s\ninside:\n%s", s.got("outside"), s.got("inside"))
			}
		})
	}
}
