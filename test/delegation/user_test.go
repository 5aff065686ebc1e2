package delegation

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/spec"
	"github.com/keg-project/keg/test/kegtest"
)

const (
	mountRoot = "/sys/fs/cgroup"
	user      = 1000
)

// pureV2 skips where there are other hierarchies than the unified one.
func pureV2(t *testing.T) {
	t.Helper()
	kegtest.NeedRoot(t)
	if _, err := os.Stat(mountRoot + "/cgroup.controllers"); err != nil {
		t.Skip("needs pure cgroup v2")
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// delegate makes the cgroups of a subtree and gives them to the user, as the
// manager of a session does. The first is the topmost one.
func delegate(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		dir := mountRoot + "/" + name
		must(t, os.Mkdir(dir, 0o755))
		t.Cleanup(func() {
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
		})
		for _, file := range []string{"", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control"} {
			must(t, os.Chown(dir+file, user, user))
		}
	}
}

// users is a bundle that an ordinary user can run.
func users(t *testing.T, script string) *kegtest.Bundle {
	t.Helper()
	b := kegtest.NewBundle(t, "sh", "-c", script)
	b.Spec = spec.Default(true, user, user, true)
	b.Spec.Process.Terminal, b.Spec.Process.Args = false, []string{"sh", "-c", script}
	must(t, os.Mkdir(b.Root, 0o700))
	must(t, os.Chown(b.Root, user, user))
	return b
}

// as runs a keg command as the user, in a cgroup.
func as(t *testing.T, cgroup string, b *kegtest.Bundle, args ...string) kegtest.Result {
	t.Helper()
	dir, err := os.Open(mountRoot + "/" + cgroup)
	must(t, err)
	defer dir.Close()
	cmd := exec.Command(kegtest.Keg(t), append([]string{"--root", b.Root}, args...)...)
	cmd.Env = []string{"PATH=/bin:/usr/bin", "HOME=" + b.Dir, "XDG_CACHE_HOME=" + b.Root + "/cache"}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(dir.Fd()),
		Credential: &syscall.Credential{Uid: user, Gid: user}}
	return kegtest.Finish(t, cmd)
}

func runAs(t *testing.T, cgroup string, b *kegtest.Bundle) kegtest.Result {
	t.Helper()
	b.Write()
	return as(t, cgroup, b, "run", "--bundle", b.Dir, b.ID())
}

func pids(n int64) *oci.LinuxResources {
	return &oci.LinuxResources{Pids: &oci.LinuxPids{Limit: &n}}
}

// forks is how many processes a script can start beside itself, below ten.
const forks = `i=0; while [ $i -lt 9 ]; do sleep 60 & i=$((i+1)); echo "started $i"; done`

// Beside the user's own cgroup, in a subtree that is the user's, there is room
// for a container with limits.
func TestDelegated(t *testing.T) {
	pureV2(t)
	top := "keg-test-" + strconv.Itoa(os.Getpid())
	delegate(t, top, top+"/shell")
	b := users(t, forks)
	b.Spec.Linux.Resources = pids(4)
	r := runAs(t, top+"/shell", b)
	if !strings.Contains(r.Stdout, "started 3\n") || strings.Contains(r.Stdout, "started 4\n") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	left, _ := filepath.Glob(mountRoot + "/" + top + "/*/cgroup.procs")
	if len(left) != 1 {
		t.Errorf("left %v", left)
	}
}

// The same for `keg shell`.
func TestDelegatedShell(t *testing.T) {
	pureV2(t)
	top := "keg-test-" + strconv.Itoa(os.Getpid())
	delegate(t, top, top+"/shell")
	r := as(t, top+"/shell", users(t, ""), "shell", "--memory", "32m", "--cpus", "0.5", "--pids", "4", "--", "sh", "-c", forks)
	if !strings.Contains(r.Stdout, "started 2\n") || strings.Contains(r.Stdout, "started 4\n") || strings.Contains(r.Stderr, "warning") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// In the topmost cgroup that is the user's, keg itself stands in the way of
// limits. Without them a container runs.
func TestDelegatedTop(t *testing.T) {
	pureV2(t)
	top := "keg-test-" + strconv.Itoa(os.Getpid())
	delegate(t, top)
	b := users(t, "cat /proc/self/cgroup; echo is there")
	if r := runAs(t, top, b); r.Code != 0 || r.Stdout != "0::/\nis there\n" || r.Stderr != "" {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	b.Spec.Linux.Resources = pids(4)
	refused(t, runAs(t, top, b), "linux.resources.pids.limit: ", "cannot have the controller pids: cgroup "+mountRoot+"/"+top+": it hands down no controllers, since it has processes (hint: ")
}

// Who may make no cgroup runs in the caller's, without a word, but not with a
// limit or a named cgroup.
func TestNotDelegated(t *testing.T) {
	pureV2(t)
	own := "keg-test-" + strconv.Itoa(os.Getpid())
	must(t, os.Mkdir(mountRoot+"/"+own, 0o755))
	t.Cleanup(func() { os.Remove(mountRoot + "/" + own) })
	b := users(t, "cat /proc/self/cgroup; echo is there")
	if r := runAs(t, own, b); r.Code != 0 || r.Stdout != "0::/\nis there\n" || r.Stderr != "" {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	b.Write()
	refused(t, as(t, own, b, "--rootless=false", "run", "--bundle", b.Dir, b.ID()), "--rootless=false: no permission to make a cgroup")
	const hint = "systemd-run --user --scope -p Delegate=yes keg "
	refused(t, as(t, own, b, "shell", "--memory", "32m", "--", "true"), "linux.resources.memory.limit: ", hint)
	b.Spec.Linux.Resources = pids(4)
	refused(t, runAs(t, own, b), "linux.resources.pids.limit: ", hint)
	b.Spec.Linux.Resources, b.Spec.Linux.CgroupsPath = nil, "/"+own+"/named"
	refused(t, runAs(t, own, b), "linux.cgroupsPath: ", hint)
}

// A subtree that the user has, and is not in, takes no process of the user's.
// cgroup-v2.rst, "Delegation Containment"
func TestDelegatedElsewhere(t *testing.T) {
	pureV2(t)
	top, own := "keg-test-"+strconv.Itoa(os.Getpid()), "keg-test-"+strconv.Itoa(os.Getpid())+"-own"
	delegate(t, top)
	must(t, os.Mkdir(mountRoot+"/"+own, 0o755))
	t.Cleanup(func() { os.Remove(mountRoot + "/" + own) })
	b := users(t, "true")
	b.Spec.Linux.CgroupsPath = "/" + top + "/box"
	refused(t, runAs(t, own, b), "linux.cgroupsPath: ", "permission denied (hint: ")
	if _, err := os.Stat(mountRoot + "/" + top + "/box"); err == nil {
		t.Error("the cgroup was left")
	}
}

func refused(t *testing.T, r kegtest.Result, want ...string) {
	t.Helper()
	for _, w := range want {
		if r.Code != 1 || !strings.Contains(r.Stderr, w) {
			t.Errorf("exit status %d, no %q in\n%s", r.Code, w, r.Stderr)
		}
	}
}

// On v1 it takes a cgroup of the user's in every hierarchy.
func TestDelegatedV1(t *testing.T) {
	kegtest.NeedRoot(t)
	if _, err := os.Stat(mountRoot + "/cgroup.controllers"); err == nil {
		t.Skip("needs cgroup v1")
	}
	top := "keg-test-" + strconv.Itoa(os.Getpid())
	var lists []string
	for _, hierarchy := range hierarchies(t) {
		dir := hierarchy + "/" + top
		must(t, os.Mkdir(dir, 0o755))
		t.Cleanup(func() {
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
		})
		for _, file := range []string{"", "/cgroup.procs", "/tasks", "/cgroup.subtree_control"} {
			os.Chown(dir+file, user, user)
		}
		for _, file := range []string{"/cpuset.cpus", "/cpuset.mems"} {
			if text, err := os.ReadFile(hierarchy + file); err == nil {
				must(t, os.WriteFile(dir+file, text, 0))
			}
		}
		lists = append(lists, dir+"/cgroup.procs")
	}
	b := users(t, forks)
	b.Spec.Linux.Resources = pids(4)
	b.Spec.Linux.Namespaces = b.Spec.Linux.Namespaces[:len(b.Spec.Linux.Namespaces)-1]
	b.Spec.Mounts = b.Spec.Mounts[:len(b.Spec.Mounts)-1]
	b.Write()
	enter := `for f in ` + strings.Join(lists, " ") + `; do echo 0 > $f || exit; done; exec setpriv --reuid 1000 --regid 1000 --clear-groups "$0" "$@"`
	r := kegtest.Finish(t, exec.Command("/bin/sh", "-c", enter, kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID()))
	if !strings.Contains(r.Stdout, "started 3\n") || strings.Contains(r.Stdout, "started 4\n") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	if left := cgroups(b); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// hierarchies are where they are mounted.
func hierarchies(t *testing.T) (list []string) {
	t.Helper()
	procs, err := filepath.Glob(mountRoot + "/*/cgroup.procs")
	must(t, err)
	for _, name := range procs {
		if dir := filepath.Dir(name); !isLink(dir) {
			list = append(list, dir)
		}
	}
	return list
}

func isLink(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode()&os.ModeSymlink != 0
}
