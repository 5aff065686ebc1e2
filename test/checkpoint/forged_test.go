package checkpoint

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// What images make has to be what the configuration says, or it never runs.
func TestForged(t *testing.T) {
	kegtest.NeedRoot(t)
	holder := holder(t)
	before := kegtest.Leftovers()
	for _, tt := range []struct {
		name, does string
		change     func(*oci.Spec)
		want       []string
	}{
		{"filter", allNamespaces, func(s *oci.Spec) { s.Linux.Seccomp = &oci.LinuxSeccomp{DefaultAction: oci.ActAllow} },
			[]string{"linux.seccomp: process ", ` of the images ("sleep"): Seccomp_filters is `, ", and must be more than "}},
		{"capabilities", allNamespaces, func(s *oci.Spec) { s.Process.Capabilities.Bounding = []string{"CAP_KILL"} },
			[]string{"process.capabilities.bounding: process ", "CapBnd is ", "CAP_SYS_ADMIN", ", and must be within 0000000000000020"}},
		{"namespace", "mnt pid ipc", nil, []string{"linux.namespaces: process ", "ns/uts is ", ", and must be another than the caller's"}},
		{"mounts", "pid ipc uts", nil, []string{"linux.namespaces: process ", "ns/mnt is "}},
		{"joined", allNamespaces, func(s *oci.Spec) {
			for i := range s.Linux.Namespaces {
				if s.Linux.Namespaces[i].Type == oci.UTSNamespace {
					s.Linux.Namespaces[i].Path = holder + "/uts"
				}
			}
			s.Hostname = ""
		}, []string{"linux.namespaces[", "].path: process ", fmt.Sprintf(", and must be %d, that of %s/uts", inode(t, holder+"/uts"), holder)}},
		{"user", allNamespaces, func(s *oci.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
			s.Linux.UIDMappings = []oci.LinuxIDMapping{{HostID: 100000, Size: 1000}}
			s.Linux.GIDMappings = s.Linux.UIDMappings
		}, []string{"linux.namespaces: process ", "ns/user is "}},
		{"cgroup", allNamespaces + " outside", nil, []string{"linux.cgroupsPath: process ", " is /, and must be /"}},
		{"hasty", allNamespaces + " hasty", nil, []string{"CRIU has let the processes go on before they could be held against config.json"}},
		{"liar", allNamespaces + " liar", nil, []string{"CRIU says that the first process is ", ", which is no child of keg's"}},
		{"terminal", allNamespaces + " terminal", nil, []string{"process.terminal is false, and the images have a terminal"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := faked(t, tt.does)
			if tt.change != nil {
				tt.change(b.Spec)
				b.Write()
			}
			r := b.restoreFaked()
			for _, want := range append(tt.want, "cannot restore container") {
				refused(t, r, want)
			}
			b.gone(before)
		})
	}
}

// What is as the configuration says goes on.
func TestVerified(t *testing.T) {
	b := faked(t, allNamespaces)
	before := kegtest.Leftovers()
	r := b.restoreFaked()
	must(t, r)
	// It has the host's mounts: on a path that need not be there, none is no error.
	if want := "linux.readonlyPaths[3]: /proc/sys is as it is: "; !strings.Contains(r.Stderr, want) {
		t.Errorf("%q, and no %q", r.Stderr, want)
	}
	if got := must(t, b.Keg("state", b.ID())); !strings.Contains(got, `"status": "running"`) {
		t.Errorf("state: %s", got)
	}
	if got := b.proc("comm"); got != "sleep\n" {
		t.Errorf("the init is %q", got)
	}
	must(t, b.Keg("delete", "-f", b.ID()))
	b.gone(before)
}

// What keg's caller has left open is neither CRIU's nor a restored process's.
func TestNothingLeftOpen(t *testing.T) {
	b := faked(t, allNamespaces)
	secret, err := os.Open("/etc/shadow")
	if err != nil {
		t.Fatal(err)
	}
	defer secret.Close()
	cmd := exec.Command(kegtest.Keg(t), "--root", b.Root, "restore", "-d", "--criu", b.criu, "--image-path", b.images("x"), "--bundle", b.Dir, b.ID())
	cmd.ExtraFiles = slices.Repeat([]*os.File{secret}, 20)
	must(t, kegtest.Finish(t, cmd))
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", b.pid()))
	if err != nil || len(files) < 3 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range files {
		if name, _ := os.Readlink(file); name == secret.Name() {
			t.Errorf("%s is %s", file, name)
		}
	}
}

// A terminal that the configuration has, and the images have not, is waited for
// in vain.
func TestNoTerminal(t *testing.T) {
	before := kegtest.Leftovers()
	b := faked(t, allNamespaces)
	b.Spec.Process.Terminal = true
	b.Write()
	l := console(t, b.Bundle)
	r := b.Keg("restore", "-d", "--criu", b.criu, "--console-socket", l.Addr().String(), "--image-path", b.images("x"), "--bundle", b.Dir, b.ID())
	refused(t, r, "process.terminal is true, and the images have no terminal")
	b.gone(before)
}

// A CRIU that hangs does not keep keg from ending, and from undoing what there is.
func TestHangs(t *testing.T) {
	before := kegtest.Leftovers()
	b := faked(t, allNamespaces+" hang")
	cmd := b.begin("restore", "--criu", b.criu, "--image-path", b.images("x"), "--bundle", b.Dir, b.ID())
	appears(t, os.Getenv(fakeNote))
	pid := b.pid()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if got := read(t, b.stderr()); cmd.ProcessState.ExitCode() != 1 || !strings.Contains(got, "ended, as signal 15 (terminated) came") {
		t.Errorf("keg ends with %v and says %q", cmd.ProcessState, got)
	}
	ended(t, pid)
	b.hangUp()
	b.gone(before)
}

// CRIU lets processes go on whatever keg says at its last point, and so if keg is
// gone. Therefore keg ends them before, even if it cannot look at them.
func TestNeverGoesOn(t *testing.T) {
	before := kegtest.Leftovers()
	t.Run("cannot be looked at", func(t *testing.T) {
		b := faked(t, allNamespaces+" starve")
		refused(t, b.restoreFaked(), "open /proc: too many open files")
		if got := read(t, os.Getenv(fakeNote)); got != "ended" {
			t.Errorf("the process %s", got)
		}
		b.gone(before)
	})
	t.Run("not waited for", func(t *testing.T) {
		b := faked(t, allNamespaces+" late")
		cmd := b.begin("restore", "--criu", b.criu, "--image-path", b.images("x"), "--bundle", b.Dir, b.ID())
		appears(t, os.Getenv(fakeNote))
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if got := read(t, os.Getenv(fakeNote)); got != "ended" {
			t.Errorf("the process %s; keg says %q", got, read(t, b.stderr()))
		}
		b.hangUp()
		b.gone(before)
	})
}
