package doctor

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

const (
	newUser   = syscall.CLONE_NEWUSER
	newMounts = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS
)

// A user namespace may forbid those below it.
func TestNoUserNamespaces(t *testing.T) {
	r := inside(t, `echo 0 >/proc/sys/user/max_user_namespaces; exec "$0" doctor --json`, newUser)
	r.worst("error")
	r.is("user namespaces", "user namespaces", "error", "user.max_user_namespaces is 0", "sudo sysctl user.max_user_namespaces=15000")
	r.is("kernel parameters", "user.max_*_namespaces", "error", "user.max_user_namespaces is 0")
}

func TestNoNetworkNamespaces(t *testing.T) {
	r := inside(t, `echo 0 >/proc/sys/user/max_net_namespaces; exec "$0" doctor --json`, newUser)
	r.worst("error")
	r.is("user namespaces", "user namespaces", "ok")
	r.is("user namespaces", "network", "error", "a limit is reached", "user.max_net_namespaces")
	r.is("user namespaces", "pid", "ok")
}

// What an engine's container has over /proc keeps those inside from one of their
// own. One that is whole anywhere would do, as in a chroot of the machine's.
func TestCoveredProc(t *testing.T) {
	r := inside(t, `mount --make-rprivate /; mount -t proc proc /proc
		while read -r _ point kind _; do
			[ "$kind" != proc ] || mount -t tmpfs none "$point/irq"
		done </proc/mounts
		exec "$0" doctor --json`, newMounts|syscall.CLONE_NEWPID)
	r.is("mounts", "proc in a user namespace", "error", "parts of /proc are covered", "systempaths=unconfined")
}

// The parameter is a pid namespace's own, for who is root outside as well.
func TestMemfdNoexec(t *testing.T) {
	kegtest.NeedRoot(t)
	if !kegtest.Kernel(t, 6, 6) { // before, the whole machine's
		t.Skip("needs Linux 6.6")
	}
	const script = `mount --make-rprivate /; mount -t proc proc /proc; echo 2 >/proc/sys/vm/memfd_noexec; `
	r := inside(t, script+`exec "$0" doctor --json`, syscall.CLONE_NEWNS|syscall.CLONE_NEWPID)
	r.is("kernel", "memfd", "warning", "vm.memfd_noexec=2", "sudo sysctl vm.memfd_noexec=1")
	r.is("mounts", "overlay in a user namespace", "ok") // tried from a file instead
	dir := kegtest.TempDir(t)
	r = inside(t, script+`mount -t tmpfs -o noexec none `+dir+`; export TMPDIR=`+dir+`; exec "$0" --root $TMPDIR/state doctor --json`, syscall.CLONE_NEWNS|syscall.CLONE_NEWPID)
	r.is("kernel", "memfd", "error", "sudo sysctl vm.memfd_noexec=1")
	r.is("directories", "state", "error", "noexec")
}

func TestNoCgroups(t *testing.T) {
	r := inside(t, `mount --make-rprivate /; mount -t tmpfs none /sys/fs/cgroup; exec "$0" doctor --json`, newMounts)
	r.worst("error")
	r.is("cgroups", "mode", "error", "no hierarchy is mounted", "mount -t cgroup2")
}

// Files in place of parameters that cannot be changed here.
func TestParameters(t *testing.T) {
	dir := kegtest.TempDir(t)
	write(t, dir+"/8", "8\n")
	write(t, dir+"/release", "5.4.0-generic\n")
	r := inside(t, `mount --make-rprivate /
		mount --bind `+dir+`/8 /proc/sys/fs/inotify/max_user_instances
		mount --bind `+dir+`/release /proc/sys/kernel/osrelease
		exec "$0" doctor --json`, newMounts)
	r.is("kernel parameters", "fs.inotify.max_user_instances", "warning", "8")
	r.is("kernel", "version", "error", "Linux 5.4.0-generic", "install a kernel of version 5.14")
}

func TestNoHelpers(t *testing.T) {
	h := newHome(t)
	h.env = append(h.env, "PATH="+h.dir+"/bin")
	r := h.doctor()
	r.is("subordinate ids", "newuidmap", "warning", "is not in PATH", "uidmap")
	write(t, h.dir+"/bin/newuidmap", "#!/bin/sh\n")
	must(t, os.Chmod(h.dir+"/bin/newuidmap", 0o755))
	r = h.doctor()
	r.is("subordinate ids", "newuidmap", "warning", "neither set-uid root nor", "sudo setcap cap_setuid=ep "+h.dir+"/bin/newuidmap")
}

// In a container whose seccomp filter is that of an old engine.
func TestFiltered(t *testing.T) {
	errno := uint(syscall.ENOSYS)
	r := filtered(t, nil,
		oci.LinuxSyscall{Names: []string{"pidfd_open"}, Action: oci.ActErrno},
		oci.LinuxSyscall{Names: []string{"landlock_create_ruleset"}, Action: oci.ActErrno, ErrnoRet: &errno},
		oci.LinuxSyscall{Names: []string{"faccessat2"}, Action: oci.ActErrno, ErrnoRet: &errno})
	r.worst("error")
	r.is("kernel", "pidfd_open", "error", "refused (EPERM)", "seccomp=unconfined")
	r.is("kernel", "faccessat2", "error", "by the seccomp filter that keg runs under", "seccomp=unconfined")
	r.is("kernel", "openat2", "ok")
	r.is("seccomp", "filters", "note", "itself runs under a filter")
	r.is("seccomp", "landlock", "note", "ENOSYS")
}

// User namespaces that can be made, and in which nothing can be done: so does
// AppArmor's restriction.
func TestUselessUserNamespaces(t *testing.T) {
	mount := oci.LinuxSyscall{Names: []string{"mount"}, Action: oci.ActErrno}
	filtered(t, []string{"CAP_KILL"}, mount).is("user namespaces", "user namespaces", "error", "CAP_SETFCAP", "--cap-add SETFCAP")
	r := filtered(t, []string{"CAP_SETFCAP"}, mount)
	r.worst("error")
	r.is("user namespaces", "user namespaces", "error", "mount: operation not permitted", "seccomp=unconfined")
}

// filtered runs doctor in a container with capabilities and a seccomp filter.
func filtered(t *testing.T, capabilities []string, rules ...oci.LinuxSyscall) report {
	t.Helper()
	b := kegtest.NewBundle(t, "/bin/keg", "doctor", "--json")
	keg, err := os.ReadFile(kegtest.Keg(t))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(b.Dir, "rootfs/bin/keg"), keg, 0o755))
	b.Spec.Linux.Seccomp = &oci.LinuxSeccomp{DefaultAction: oci.ActAllow, Syscalls: rules}
	b.Spec.Process.Capabilities = &oci.LinuxCapabilities{Bounding: capabilities, Permitted: capabilities, Effective: capabilities}
	return read(t, b.Run())
}

func write(t *testing.T, name, content string) {
	t.Helper()
	must(t, os.WriteFile(name, []byte(content), 0o644))
}
