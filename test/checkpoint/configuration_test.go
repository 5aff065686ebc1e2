package checkpoint

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// Images of a configuration that allowed more, or asked for less, are no images
// of this one. They are of the one that they were made with.
func TestAnotherConfiguration(t *testing.T) {
	needCRIU(t)
	before := kegtest.Leftovers()
	b := newBox(t)
	apparmor, _ := os.ReadFile("/sys/module/apparmor/parameters/enabled")
	confines := len(apparmor) > 0 && apparmor[0] == 'Y'
	if confines {
		b.Spec.Process.ApparmorProfile = "unconfined"
		b.Write()
	}
	b.run()
	b.do(1, ":")
	b.save(b.images("x"))
	for _, tt := range []struct {
		change func(*oci.Spec)
		want   string
		here   bool
	}{
		{func(s *oci.Spec) { s.Process.Capabilities.Bounding = s.Process.Capabilities.Bounding[1:] }, `of the images ("sh"): CapBnd is `, true},
		{func(s *oci.Spec) { s.Linux.Seccomp = &oci.LinuxSeccomp{DefaultAction: oci.ActAllow} }, "Seccomp_filters is 0, and must be more than 0", true},
		{func(s *oci.Spec) { s.Process.ApparmorProfile = "another" }, "process.apparmorProfile: process ", confines},
	} {
		if !tt.here {
			continue
		}
		process, linux := *b.Spec.Process, *b.Spec.Linux
		capabilities := *process.Capabilities
		tt.change(b.Spec)
		b.Write()
		cmd := b.begin("restore", "-d", "--image-path", b.images("x"), "--bundle", b.Dir, b.ID())
		cmd.Wait()
		refused(t, kegtest.Result{Stderr: read(t, b.stderr()), Code: cmd.ProcessState.ExitCode()}, tt.want)
		b.gone(before)
		process.Capabilities = &capabilities
		b.Spec.Process, b.Spec.Linux = &process, &linux
	}
	b.Write()
	b.restore(b.images("x"))
	b.do(2, ":")
}

// A container with a user namespace of its own is one again, with the same ids, though
// its root could read neither the images nor the way to its root file system.
func TestUserNamespace(t *testing.T) {
	needCRIU(t)
	b := newBox(t, func(s *oci.Spec) {
		ids := []oci.LinuxIDMapping{{HostID: 100000, Size: 65536}}
		s.Linux.UIDMappings, s.Linux.GIDMappings = ids, ids
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace}, oci.LinuxNamespace{Type: oci.NetworkNamespace})
	})
	err := filepath.WalkDir(filepath.Join(b.Dir, "rootfs"), func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, 100000, 100000))
	})
	if err != nil {
		t.Fatal(err)
	}
	b.run()
	b.do(1, ":")
	maps := b.proc("uid_map")
	b.save(b.images("x"))
	b.restore(b.images("x"))
	b.do(2, ":")
	if got := b.proc("uid_map"); got != maps {
		t.Errorf("the ids are %s, and were %s", got, maps)
	}
}

// A cgroup namespace is made anew, with the container's own cgroup as its root.
func TestCgroupNamespace(t *testing.T) {
	needCRIU(t)
	b := newBox(t, func(s *oci.Spec) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.CgroupNamespace})
	})
	b.run()
	cgroup := b.do(1, "cat /proc/self/cgroup")
	b.save(b.images("x"))
	b.restore(b.images("x"))
	if got := b.do(2, "cat /proc/self/cgroup"); got != cgroup {
		t.Errorf("the cgroup is %q, and was %q", got, cgroup)
	}
}

// A scope of systemd's is made anew around what is restored.
func TestScope(t *testing.T) {
	needCRIU(t)
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		t.Skip("needs systemd as process 1: test/vm --systemd")
	}
	before := kegtest.Leftovers()
	b := newBox(t)
	b.Spec.Linux.CgroupsPath = "keg_test.slice:keg:" + b.ID()
	b.Write()
	b.detached("--systemd-cgroup", "run", "-d", "--bundle", b.Dir, b.ID())
	b.do(1, ":")
	group := b.proc("cgroup")
	b.save(b.images("x"))
	b.detached("--systemd-cgroup", "restore", "-d", "--image-path", b.images("x"), "--bundle", b.Dir, b.ID())
	b.do(2, ":")
	if got := b.proc("cgroup"); got != group {
		t.Errorf("the cgroup is %s, and was %s", got, group)
	}
	must(t, b.Keg("delete", "-f", b.ID()))
	b.gone(before)
}
