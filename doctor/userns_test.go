package doctor

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/program"
)

func TestUserNamespaces(t *testing.T) {
	const name = "user namespaces"
	step := &stepError{program.Mount, syscall.EACCES}
	for _, tt := range []struct {
		facts userFacts
		want  want
	}{
		{userFacts{uid: 1000}, want{name, OK, "can be made", ""}},
		{userFacts{uid: 0, restricted: "1", keg: "/usr/bin/keg"}, want{name, Note, "ordinary users", "profile keg /usr/bin/keg flags=(unconfined) {\n  userns,\n"}},
		{userFacts{uid: 0, restricted: "1", profiled: true}, want{name, OK, "", ""}},
		{userFacts{uid: 1000, restricted: "1"}, want{name, OK, "", ""}}, // tried, and it works
		{userFacts{uid: 1000, tried: syscall.ENOSPC, most: "0"}, want{name, Error, "max_user_namespaces is 0", "sudo sysctl user.max_user_namespaces=15000"}},
		{userFacts{uid: 0, tried: syscall.ENOSPC, most: "100"}, want{name, Error, "a limit is reached", "max_user_namespaces (100)"}},
		{userFacts{uid: 1000, tried: syscall.EPERM, cloning: "0"}, want{name, Error, "unprivileged_userns_clone is 0", "kernel.unprivileged_userns_clone=1"}},
		{userFacts{uid: 1000, tried: step, cloning: "1", restricted: "1", keg: "/opt/keg"}, want{name, Error, "AppArmor", "write /etc/apparmor.d/keg:\n\nabi <abi/4.0>,"}},
		{userFacts{uid: 0, tried: syscall.EPERM, filtered: true, mapsRoot: true}, want{name, Error, "seccomp filter", "seccomp=unconfined"}},
		{userFacts{uid: 0, tried: syscall.EPERM, filtered: true}, want{name, Error, "CAP_SETFCAP", "--cap-add SETFCAP"}},
		{userFacts{uid: 0, tried: step, filtered: true}, want{name, Error, "seccomp filter", "seccomp=unconfined"}},
		{userFacts{uid: 0, tried: syscall.EINVAL}, want{name, Error, "has none", "CONFIG_USER_NS"}},
		{userFacts{uid: 0, tried: syscall.EUSERS}, want{name, Error, "cannot be made", "journalctl -k"}},
	} {
		check(t, []Finding{tt.facts.finding()}, tt.want)
	}
}

func TestMemfd(t *testing.T) {
	check(t, []Finding{userFacts{}.memfd(), userFacts{memfdNoexec: "2"}.memfd(), userFacts{memfdNoexec: "1"}.memfd(), userFacts{memfdNoexec: "2", exe: syscall.EACCES}.memfd()},
		want{"memfd", OK, "executable", ""},
		want{"memfd", Warning, "vm.memfd_noexec=2", "sysctl vm.memfd_noexec=1"},
		want{"memfd", OK, "", ""},
		want{"memfd", Error, "permission denied", "sysctl vm.memfd_noexec=1"})
}

func TestNamespaceKinds(t *testing.T) {
	f := kindFacts{tried: true, failed: map[string]error{"time": syscall.EINVAL, "network": &stepError{program.Unshare, syscall.ENOSPC}, "ipc": errors.New("died"), "cgroup": syscall.EINVAL}}
	check(t, f.findings(), want{"pid", OK, "", ""}, want{"network", Error, "limit", "user.max_net_namespaces"}, want{"ipc", Error, "died", "journalctl"},
		want{"uts", OK, "", ""}, want{"cgroup", Warning, "no cgroup namespaces", "CONFIG_CGROUPS"}, want{"time", Note, "no time", "CONFIG_TIME_NS"})
	if got := (kindFacts{}).findings(); got != nil {
		t.Errorf("without user namespaces: %+v", got)
	}
}

func TestAppArmorPath(t *testing.T) {
	for path, want := range map[string]string{
		"/usr/local/bin/keg": "/usr/local/bin/keg",
		"/home/a b/keg":      `"/home/a b/keg"`,
		"/x[1]/{k}*":         `/x\[1\]/\{k\}\*`,
	} {
		if got := appArmorPath(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestProfiled(t *testing.T) {
	dir := t.TempDir()
	if profiled("/opt/keg", dir) {
		t.Error("by an empty directory")
	}
	if err := os.WriteFile(dir+"/keg", []byte(appArmorProfile("/opt/keg")), 0o644); err != nil {
		t.Fatal(err)
	}
	if !profiled("/opt/keg", dir) || profiled("/opt/ke", dir) || profiled("/opt/keg2", dir) {
		t.Error("a profile is for the file that it names")
	}
}

// A trial says which call has failed, and with which errno.
func TestTrial(t *testing.T) {
	missing := trial{write: func(b *program.Builder) { b.Add(op(program.Chdir, b.Text("/no/such"))) }}
	var step *stepError
	if err := missing.run(); !errors.As(err, &step) || step.call != program.Chdir || step.errno != syscall.ENOENT {
		t.Errorf("%v", err)
	}
	if err := (trial{}).run(); err != nil {
		t.Errorf("of nothing: %v", err)
	}
	if err := (trial{namespaces: linux.CLONE_NEWUSER, write: func(b *program.Builder) {
		b.Add(op(program.Mount, b.Text("x"), b.Text("/proc"), b.Text("no-such-type"), program.N(0), program.N(0)))
	}}).run(); err == nil {
		t.Error("a file system that no kernel has was mounted")
	}
}

// What stands in for a memfd is executable, and has no name.
func TestUnlinked(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	_, linked, err := trial{}.build(3)
	if err != nil {
		t.Fatal(err)
	}
	f, err := unlinked(linked.Image)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o500 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if !strings.HasPrefix(f.Name(), dir) {
		t.Errorf("%s is not in TMPDIR", f.Name())
	}
}
