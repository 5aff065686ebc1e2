package hooks

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

var namespaces = []string{"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}

func ownNamespaces(t *testing.T) string {
	t.Helper()
	var list []string
	for _, ns := range namespaces {
		var st syscall.Stat_t
		if err := syscall.Stat("/proc/self/ns/"+ns, &st); err != nil {
			t.Fatal(err)
		}
		list = append(list, strconv.FormatUint(st.Ino, 10))
	}
	return strings.Join(list, "\n") + "\n"
}

// variants are configurations that make the way of a hook another one.
func variants() map[string]func(*scene) {
	list := map[string]func(*scene){
		"default":   func(*scene) {},
		"read-only": func(s *scene) { s.Spec.Root.Readonly = true },
		"init":      func(s *scene) { s.Spec.Annotations = map[string]string{"org.keg.init": "true"} },
		"cgroup namespace": func(s *scene) {
			s.Spec.Linux.Namespaces = append(s.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.CgroupNamespace})
		},
	}
	if os.Geteuid() != 0 {
		return list
	}
	list["time namespace"] = func(s *scene) {
		s.Spec.Linux.Namespaces = append(s.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.TimeNamespace})
	}
	list["user namespace"] = func(s *scene) {
		s.Spec.Linux.Namespaces = append(s.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
		s.Spec.Linux.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 65536}}
		s.Spec.Linux.GIDMappings = s.Spec.Linux.UIDMappings
	}
	for _, p := range []string{"rshared", "rprivate", "rslave"} {
		list["propagation "+p] = func(s *scene) { s.Spec.Linux.RootfsPropagation = p }
	}
	return list
}

// Each kind runs in the namespaces that the specification names.
func TestNamespaces(t *testing.T) {
	next := kegtest.OneIn(3)
	for name, change := range variants() {
		for _, flags := range [][]string{nil, {"--no-pivot"}} {
			if !next() {
				continue
			}
			t.Run(strings.Join(append(flags, name), " "), func(t *testing.T) {
				look := "cd /proc/self/ns; stat -L -c %i " + strings.Join(namespaces, " ") // one process: there are many rounds
				s := newScene(t, look)
				change(s)
				// Its own descriptors lead out of a read-only root.
				s.Spec.Mounts = append(s.Spec.Mounts, oci.Mount{Destination: "/data", Type: "bind", Source: s.data, Options: []string{"bind"}})
				s.hooks("( " + look + " ) > $D/KIND")
				inside := s.Output(flags...)
				host := ownNamespaces(t)
				if inside == host {
					t.Fatal("the container is in the host's namespaces")
				}
				for _, kind := range kinds {
					want := host
					if kind == "createContainer" || kind == "startContainer" {
						want = inside
					}
					s.expect(kind, want)
				}
			})
		}
	}
}

// createContainer finds the host at the host's paths, and at the root's path
// the container's root with its mounts, which no one else sees.
func TestCreateContainerSees(t *testing.T) {
	for name, change := range variants() {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, "cat /etc/fromhook /tmp/fromhook")
			change(s)
			source := kegtest.TempDir(t)
			writeFile(t, filepath.Join(source, "bound"), "")
			s.Spec.Mounts = append(s.Spec.Mounts, oci.Mount{Destination: "/run", Type: "bind", Source: source, Options: []string{"bind"}},
				oci.Mount{Destination: "/tmp", Type: "tmpfs", Options: []string{"mode=777"}})
			for _, kind := range []string{"prestart", "createRuntime", "poststart"} {
				s.hook(kind, "! grep "+s.ID()+" /proc/self/mountinfo")
			}
			root := filepath.Join(s.Dir, "rootfs")
			if err := os.Chmod(filepath.Join(root, "etc"), 0o777); err != nil {
				t.Fatal(err)
			}
			s.hook("createContainer", fmt.Sprintf(`set -e
				test "$(pwd)" = %[1]s; test -e run/bound; test -d %[1]s/proc/1; test -c %[1]s/dev/null; test -e %[2]s
				echo root > %[1]s/etc/fromhook; echo mount > %[1]s/tmp/fromhook`, root, filepath.Join(source, "bound")))
			if got := s.Output(); got != "root\nmount\n" {
				t.Errorf("the container sees %q", got)
			}
		})
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// createContainer has the privileges of the setup, and is in the cgroup.
func TestCreateContainerMay(t *testing.T) {
	kegtest.NeedRoot(t)
	s := newScene(t, "cat /run/file")
	s.Spec.Process.User = oci.User{UID: 1000, GID: 1000}
	s.hook("createContainer", `set -e; test $(id -u) = 0; grep -q `+s.ID()+` /proc/self/cgroup; hostname fromhook
		mount -t tmpfs tmpfs `+s.Dir+`/rootfs/run; hostname > `+s.Dir+`/rootfs/run/file`)
	if got := s.Output(); got != "fromhook\n" {
		t.Error(got)
	}
}

// startContainer is a process like the container's own.
func TestStartContainerIs(t *testing.T) {
	const look = `id -u; id -g; pwd; hostname; umask; ls /; echo $PATH; echo $MARK; echo $HOME
		mkdir /tmp/new 2>&1 | grep -c 77
		grep -e ^Cap -e ^NoNew -e ^Groups -e ^Seccomp -e ^SigBlk /proc/self/status; ulimit -n; cat /proc/self/cgroup; cat /proc/self/oom_score_adj`
	s := newScene(t, look)
	if os.Geteuid() == 0 {
		umask := uint32(0o27)
		s.Spec.Process.User = oci.User{UID: 1000, GID: 1000, AdditionalGids: []uint32{7}, Umask: &umask}
	}
	adj := 500
	s.Spec.Process.Cwd, s.Spec.Process.OOMScoreAdj = "/data", &adj
	s.Spec.Process.Env = append(s.Spec.Process.Env, "MARK=of the process")
	s.Spec.Process.Rlimits = []oci.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 123, Hard: 234}}
	errno := uint(77)
	s.Spec.Linux.Seccomp = &oci.LinuxSeccomp{DefaultAction: oci.ActAllow, Syscalls: []oci.LinuxSyscall{
		{Names: []string{"mkdir", "mkdirat"}, Action: oci.ActErrno, ErrnoRet: &errno},
	}}
	s.hook("startContainer", "( "+look+" ) > /data/seen")
	inside := s.Output()
	s.expect("seen", inside)
	if strings.Count(inside, "\n") < 30 || !strings.Contains(inside, "of the process") {
		t.Errorf("the container sees too little: %s", inside)
	}
}

// The path of startContainer is looked up in the container.
func TestStartContainerPath(t *testing.T) {
	s := newScene(t, "true")
	writeFile(t, filepath.Join(s.Dir, "rootfs/data/tool"), "#!/bin/sh\necho \"$0 $1\" > /data/log\n")
	if err := os.Chmod(filepath.Join(s.data, "tool"), 0o755); err != nil {
		t.Fatal(err)
	}
	s.Spec.Hooks.StartContainer = []oci.Hook{{Path: "/data/tool", Args: []string{"tool", "x"}}}
	s.Output()
	s.expect("log", "/data/tool x\n") // a script's argv[0] is its path
}

// Where a hook has an env it is all that it gets, also if it is empty; where
// it has none, it gets keg's, or in the container the process's.
func TestEnvironment(t *testing.T) {
	t.Setenv("KEG_HOOK_TEST", "keg's")
	for _, kind := range kinds {
		for name, env := range map[string][]string{"absent": nil, "empty": {empty}, "given": {"KEG_HOOK_TEST=own", "A=b"}} {
			t.Run(kind+" "+name, func(t *testing.T) {
				s := newScene(t, "true")
				s.Spec.Process.Env = []string{"PATH=/bin:/usr/bin", "KEG_HOOK_TEST=the process's"}
				s.Spec.Annotations = map[string]string{"run.oci.hooks.stdout": filepath.Join(s.data, "env")}
				*list(s.Spec.Hooks, kind) = []oci.Hook{{Path: "/bin/cat", Args: []string{"cat", "/proc/self/environ"}, Env: env}}
				s.writeEmpty()
				s.keg("run", "--bundle", s.Dir, s.ID())
				expectEnvironment(t, kind, name, s.got("env"))
			})
		}
	}
}

func expectEnvironment(t *testing.T, kind, name, got string) {
	t.Helper()
	want := "keg's"
	if kind == "startContainer" {
		want = "the process's"
	}
	switch {
	case name == "absent" && !slices.Contains(strings.Split(got, "\x00"), "KEG_HOOK_TEST="+want),
		name == "empty" && got != "",
		name == "given" && got != "KEG_HOOK_TEST=own\x00A=b\x00":
		t.Errorf("%q", got)
	}
}

// empty in a list stands for an empty list, which the specification's types
// leave out when they are written.
const empty = "EMPTY=LIST"

func (s *scene) writeEmpty() {
	s.Write()
	file := filepath.Join(s.Dir, "config.json")
	config, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	writeFile(s.t, file, regexp.MustCompile(`\[\s*"`+empty+`"\s*\]`).ReplaceAllString(string(config), "[]"))
}

// A keg in a chroot has hooks that see what it sees.
func TestCreateContainerInChroot(t *testing.T) {
	kegtest.NeedRoot(t)
	s := newScene(t, "true")
	s.hook("createContainer", "test -e "+s.Dir+"/rootfs/proc/1 && test -e /inside")
	s.Write()
	other := kegtest.TempDir(t)
	r := kegtest.Finish(t, exec.Command("unshare", "-m", "sh", "-ec",
		`mkdir $0/root; mount -t tmpfs tmpfs $0/root; for d in /*; do [ -d $d ] && mkdir $0/root$d && mount --rbind $d $0/root$d; done
		touch $0/root/inside; cp -a /bin /lib* $0/root 2>/dev/null || true; exec chroot $0/root "$@"`,
		other, kegtest.Keg(t), "--root", s.Root, "run", "--no-pivot", "--bundle", s.Dir, s.ID()))
	if r.Code != 0 {
		t.Error(r.Stderr)
	}
}
