package exec

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// nsFiles are the names below /proc/PID/ns of what a process is in.
var nsFiles = []string{"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time", "pid_for_children", "time_for_children"}

// sameNamespaces enters the container and compares: all of the process's
// namespaces are the init's, and its root directory is.
func sameNamespaces(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	init, pid := initPid(t, b), detached(t, b, "sleep", "1000")
	for _, name := range nsFiles {
		if got, want := link(t, pid, "ns/"+name), link(t, init, "ns/"+name); got != want {
			t.Errorf("%s: %s, the init's %s", name, got, want)
		}
	}
	if got, want := inode(t, pid, "root/."), inode(t, init, "root/."); !os.SameFile(got, want) {
		t.Error("another root directory than the init's")
	}
	if got, want := status(t, pid, "NSpid"), status(t, init, "NSpid"); len(strings.Fields(got)) != len(strings.Fields(want)) {
		t.Errorf("its pids %s, the init's %s", got, want)
	}
	// The maps also show that it was not born in the caller's user namespace.
	if got, want := read(t, proc(pid, "uid_map")), read(t, proc(init, "uid_map")); got != want {
		t.Errorf("uid_map %s, the init's %s", got, want)
	}
	in(t, b, "kill", strings.Fields(status(t, pid, "NSpid"))[len(strings.Fields(status(t, pid, "NSpid")))-1])
}

func link(t *testing.T, pid int, name string) string {
	t.Helper()
	target, err := os.Readlink(proc(pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func inode(t *testing.T, pid int, name string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(proc(pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestDefaultNamespaces(t *testing.T) { sameNamespaces(t, sleeper(t)) }

func userNamespace(s *oci.Spec) {
	if os.Geteuid() != 0 {
		return // there already
	}
	add(oci.UserNamespace)(s)
	s.Linux.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 65536}}
	s.Linux.GIDMappings = s.Linux.UIDMappings
}

func timeNamespace(s *oci.Spec) {
	add(oci.TimeNamespace)(s)
	s.Linux.TimeOffsets = map[string]oci.LinuxTimeOffset{"boottime": {Secs: 1_000_000}, "monotonic": {Secs: 1_000_000}}
}

func add(kind oci.LinuxNamespaceType) func(*oci.Spec) {
	return func(s *oci.Spec) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: kind})
	}
}

// share has the container use the host's namespaces of these kinds.
func share(kinds ...oci.LinuxNamespaceType) func(*oci.Spec) {
	return func(s *oci.Spec) {
		s.Linux.Namespaces = slices.DeleteFunc(s.Linux.Namespaces, func(n oci.LinuxNamespace) bool { return slices.Contains(kinds, n.Type) })
		s.Hostname = ""
	}
}

// hostProc has the host's procfs instead of a new one, which some namespaces
// do not allow.
func hostProc(s *oci.Spec) {
	s.Linux.MaskedPaths, s.Linux.ReadonlyPaths = nil, nil
	for i := range s.Mounts {
		if s.Mounts[i].Type == "proc" {
			s.Mounts[i] = oci.Mount{Type: "bind", Source: "/proc", Destination: "/proc", Options: []string{"rbind"}}
		}
	}
}

func only(destinations ...string) func(*oci.Spec) {
	return func(s *oci.Spec) {
		s.Mounts = slices.DeleteFunc(s.Mounts, func(m oci.Mount) bool { return !slices.Contains(destinations, m.Destination) })
	}
}

func TestUserNamespace(t *testing.T) {
	b := sleeper(t, userNamespace)
	sameNamespaces(t, b)
	if got := in(t, b, "id", "-u"); got != "0\n" {
		t.Errorf("user %q", got)
	}
}

func TestTimeNamespace(t *testing.T) {
	b := sleeper(t, timeNamespace)
	sameNamespaces(t, b)
	secs, _, _ := strings.Cut(in(t, b, "cat", "/proc/uptime"), ".")
	if n, err := strconv.Atoi(secs); err != nil || n < 1_000_000 {
		t.Errorf("it is up for %s seconds", secs)
	}
}

// Whatever the container shares with the host is neither joined nor left.
func TestSharedNamespaces(t *testing.T) {
	for _, kinds := range [][]oci.LinuxNamespaceType{
		{oci.PIDNamespace}, {oci.NetworkNamespace}, {oci.UTSNamespace}, {oci.CgroupNamespace}, {oci.IPCNamespace},
		{oci.PIDNamespace, oci.NetworkNamespace, oci.IPCNamespace, oci.UTSNamespace, oci.CgroupNamespace},
	} {
		t.Run(string(kinds[0])+strconv.Itoa(len(kinds)), func(t *testing.T) {
			sameNamespaces(t, sleeper(t, share(kinds...), hostProc, only("/proc", "/dev")))
		})
	}
}

// Without a mount namespace the root was entered by chroot.
func TestNoMountNamespace(t *testing.T) {
	kegtest.NeedRoot(t)
	chroot := func(s *oci.Spec) {
		s.Mounts, s.Linux.MaskedPaths, s.Linux.ReadonlyPaths, s.Root.Readonly = nil, nil, nil, false
	}
	for name, kinds := range map[string][]oci.LinuxNamespaceType{
		"alone": {oci.MountNamespace},
		"none":  {oci.MountNamespace, oci.PIDNamespace, oci.NetworkNamespace, oci.IPCNamespace, oci.UTSNamespace, oci.CgroupNamespace},
	} {
		t.Run(name, func(t *testing.T) {
			b := sleeper(t, chroot, share(kinds...))
			sameNamespaces(t, b)
			if got := sh(t, b, "pwd; cd /..; ls -d bin/busybox usr home 2>/dev/null; true"); got != "/\nbin/busybox\n" {
				t.Errorf("it sees %q", got)
			}
		})
	}
}

func TestNoPivot(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t)
	start(t, b, "--no-pivot")
	sameNamespaces(t, b)
	if got := sh(t, b, "cd /; cd ..; ls -d bin/busybox usr home 2>/dev/null; true"); got != "bin/busybox\n" {
		t.Errorf("it sees %q", got)
	}
}

// One container's init is in another's namespaces. Its root may be another
// than that of the mount namespace.
func TestJoinedByPath(t *testing.T) {
	kegtest.NeedRoot(t)
	owner := sleeper(t, userNamespace, timeNamespace)
	ns := proc(initPid(t, owner), "ns/")
	all := map[oci.LinuxNamespaceType]string{
		oci.PIDNamespace: "pid", oci.NetworkNamespace: "net", oci.IPCNamespace: "ipc", oci.UTSNamespace: "uts",
		oci.CgroupNamespace: "cgroup", oci.TimeNamespace: "time", oci.UserNamespace: "user",
	}
	for _, kinds := range [][]oci.LinuxNamespaceType{
		{oci.PIDNamespace}, {oci.NetworkNamespace, oci.IPCNamespace, oci.UTSNamespace}, {oci.TimeNamespace, oci.CgroupNamespace},
		{oci.UserNamespace, oci.PIDNamespace, oci.NetworkNamespace, oci.IPCNamespace, oci.UTSNamespace},
	} {
		t.Run(string(kinds[0]), func(t *testing.T) {
			b := bundle(t, share(append(kinds, oci.CgroupNamespace)...), only("/proc", "/dev"))
			for _, kind := range kinds {
				b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: kind, Path: ns + all[kind]})
			}
			if slices.Contains(kinds, oci.UserNamespace) {
				give(t, filepath.Join(b.Dir, "rootfs"))
			}
			start(t, b)
			sameNamespaces(t, b)
		})
	}
}

// give makes a root file system that of the user namespace's root.
func give(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, 100000, 100000)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestJoinedMountNamespace(t *testing.T) {
	kegtest.NeedRoot(t)
	owner := sleeper(t, func(s *oci.Spec) { s.Root.Readonly = false })
	sh(t, owner, "mkdir -p data/root/bin && cp bin/busybox data/root/bin/ && for a in sleep ls kill; do ln -s busybox data/root/bin/$a; done")
	b := bundle(t, share(oci.MountNamespace), func(s *oci.Spec) {
		s.Mounts, s.Linux.MaskedPaths, s.Linux.ReadonlyPaths, s.Root.Readonly = nil, nil, nil, false
		s.Linux.RootfsPropagation = ""
		s.Root.Path = "/data/root"
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.MountNamespace, Path: proc(initPid(t, owner), "ns/mnt")})
	})
	start(t, b)
	sameNamespaces(t, b)
	if got := in(t, b, "ls", "/"); got != "bin\n" {
		t.Errorf("its root has %q", got)
	}
}

// The process is a child of who called keg, or of the subreaper that is above
// it, not of the container's init; inside it has no parent.
func TestParent(t *testing.T) {
	b := sleeper(t)
	pid := detached(t, b, "sleep", "1000")
	reaper := os.Getppid() // the supervisor of the tests is a subreaper
	within(t, time.Minute, "the process is the subreaper's child", func() bool { return status(t, pid, "PPid") == strconv.Itoa(reaper) })
	if inside := strings.Fields(status(t, pid, "NSpid")); len(inside) != 2 || inside[1] == "1" {
		t.Errorf("its pids: %v", inside)
	}
	p := begin(t, b, b.ID(), "sh", "-c", "echo $PPID; exec sleep 1000")
	within(t, time.Minute, "the program runs", func() bool { return strings.Contains(p.stdout.String(), "\n") })
	if p.stdout.String() != "0\n" {
		t.Errorf("inside, its parent is %s", p.stdout.String())
	}
	children := read(t, proc(p.cmd.Process.Pid, "task/"+strconv.Itoa(p.cmd.Process.Pid)+"/children"))
	for _, list := range glob(t, proc(p.cmd.Process.Pid, "task/*/children")) {
		children += read(t, list)
	}
	if len(strings.Fields(children)) == 0 {
		t.Error("attached, it is no child of keg")
	}
	p.signal(t, 15)
	if r := p.end(t, time.Minute); r.Code != 128+15 {
		t.Errorf("exit status %d: %s", r.Code, r.Stderr)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
