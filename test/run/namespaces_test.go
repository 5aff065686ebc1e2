package run

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

var allNamespaces = []oci.LinuxNamespaceType{
	oci.PIDNamespace, oci.NetworkNamespace, oci.MountNamespace, oci.IPCNamespace,
	oci.UTSNamespace, oci.UserNamespace, oci.CgroupNamespace, oci.TimeNamespace,
}

// hostID is where the user namespaces of these tests begin on the host.
const hostID = 100000

// withNamespaces makes a bundle with new namespaces of these kinds and no
// others. Its /proc is the host's, which any namespaces allow.
func withNamespaces(t *testing.T, kinds []oci.LinuxNamespaceType, args ...string) *kegtest.Bundle {
	t.Helper()
	b := kegtest.NewBundle(t, args...)
	l := b.Spec.Linux
	l.Resources = nil
	l.Namespaces, l.MaskedPaths, l.ReadonlyPaths, l.UIDMappings, l.GIDMappings = nil, nil, nil, nil, nil
	b.Spec.Hostname, b.Spec.Mounts, b.Spec.Root.Readonly = "", nil, false
	for _, kind := range kinds {
		newNamespace(t, b, kind)
	}
	return b
}

func newNamespace(t *testing.T, b *kegtest.Bundle, kind oci.LinuxNamespaceType) {
	l := b.Spec.Linux
	l.Namespaces = append(l.Namespaces, oci.LinuxNamespace{Type: kind})
	switch kind {
	case oci.UserNamespace:
		l.UIDMappings = []oci.LinuxIDMapping{{HostID: hostID, Size: 65536}}
		l.GIDMappings = l.UIDMappings
		give(t, b)
	case oci.MountNamespace:
		b.Spec.Mounts = append(b.Spec.Mounts, oci.Mount{Type: "bind", Source: "/proc", Destination: "/proc", Options: []string{"rbind"}})
	}
}

// give makes the root of the user namespaces of these tests own the root file
// system: whoever makes devices and mountpoints in it.
func give(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(b.Dir, "rootfs"), func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, hostID, hostID))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func join(b *kegtest.Bundle, kind oci.LinuxNamespaceType, path string) {
	b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: kind, Path: path})
}

// Those that are asked for are new; those left out are the host's.
func TestNewNamespaces(t *testing.T) {
	kegtest.NeedRoot(t)
	lists := [][]oci.LinuxNamespaceType{nil, allNamespaces}
	for _, kind := range allNamespaces {
		lists = append(lists, []oci.LinuxNamespaceType{kind})
		if kind != oci.MountNamespace {
			lists = append(lists, []oci.LinuxNamespaceType{oci.MountNamespace, kind})
		}
	}
	for _, list := range lists {
		t.Run(names(list), func(t *testing.T) {
			pid := detached(t, withNamespaces(t, list, "sleep", "60"))
			for _, kind := range allNamespaces {
				isNew := namespaceOf(t, pid, kind) != namespaceOf(t, "self", kind)
				if want := slices.Contains(list, kind); isNew != want {
					t.Errorf("%s namespace: new %v, want %v", kind, isNew, want)
				}
			}
		})
	}
}

func names(list []oci.LinuxNamespaceType) string {
	if len(list) == 0 {
		return "none"
	}
	var s []string
	for _, kind := range list {
		s = append(s, string(kind))
	}
	return strings.Join(s, "+")
}

// Without a mount namespace the root is entered by chroot.
func TestNoNamespaces(t *testing.T) {
	kegtest.NeedRoot(t)
	b := withNamespaces(t, nil, "sh", "-c", "pwd; ls -d /bin/busybox /usr /home 2>/dev/null; cd /..; test -e bin/busybox && echo inside")
	if got, want := b.Output(), "/\n/bin/busybox\ninside\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestNoMountsWithoutMountNamespace(t *testing.T) {
	kegtest.NeedRoot(t)
	const hint = ` needs a mount namespace of the container's own: add {"type": "mount"} to linux.namespaces`
	b := withNamespaces(t, nil, "true")
	b.Spec.Mounts = []oci.Mount{{Type: "tmpfs", Source: "tmpfs", Destination: "/tmp"}}
	b.Spec.Root.Readonly = true
	b.Spec.Linux.MaskedPaths = []string{"/proc/kcore"}
	want := "keg: mounts[0]: mounting" + hint + "\nroot.readonly: a read-only root" + hint +
		"\nlinux.maskedPaths, linux.readonlyPaths: covering paths" + hint + "\n"
	if r := b.Run(); r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
}

// Each namespace that can be joined alone.
func TestJoinedNamespaces(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, kind := range []oci.LinuxNamespaceType{
		oci.PIDNamespace, oci.NetworkNamespace, oci.IPCNamespace, oci.UTSNamespace, oci.CgroupNamespace, oci.UserNamespace,
	} {
		for _, others := range [][]oci.LinuxNamespaceType{nil, {oci.MountNamespace}, {oci.MountNamespace, oci.IPCNamespace, oci.CgroupNamespace}} {
			if slices.Contains(others, kind) {
				continue
			}
			t.Run(string(kind)+" with new "+names(others), func(t *testing.T) {
				h := hold(t, kind)
				b := withNamespaces(t, others, "sleep", "60")
				join(b, kind, h.path(kind))
				if kind == oci.UserNamespace {
					give(t, b)
				}
				pid := detached(t, b)
				expectJoined(t, pid, h, kind)
				for _, other := range others {
					if namespaceOf(t, pid, other) == namespaceOf(t, "self", other) {
						t.Errorf("%s namespace is the host's", other)
					}
				}
			})
		}
	}
}

func expectJoined(t *testing.T, pid string, h holder, kind oci.LinuxNamespaceType) {
	t.Helper()
	if got, want := namespaceOf(t, pid, kind), namespaceOf(t, strconv.Itoa(h.pid), kind); got != want {
		t.Errorf("%s namespace: %s, want %s", kind, got, want)
	}
}

// A joined mount namespace is used as it is: root.path is looked up in it, and
// no propagation is changed nor anything mounted.
func TestJoinedMountNamespace(t *testing.T) {
	kegtest.NeedRoot(t)
	owner := withNamespaces(t, []oci.LinuxNamespaceType{oci.MountNamespace, oci.PIDNamespace}, "sleep", "60")
	owner.Spec.Mounts = append(owner.Spec.Mounts, oci.Mount{Type: "tmpfs", Source: "marker", Destination: "/data"})
	first := detached(t, owner)
	before := read(t, "/proc/"+first+"/mountinfo")

	if err := os.Mkdir(filepath.Join(owner.Dir, "rootfs/only-there"), 0o755); err != nil {
		t.Fatal(err)
	}
	b := withNamespaces(t, nil, "sh", "-c", "cut -d' ' -f5,8- /proc/self/mountinfo; ls -l /proc/self/ns/mnt; test -d only-there && echo root")
	b.Spec.Root.Path = "/data/.."
	join(b, oci.MountNamespace, "/proc/"+first+"/ns/mnt")
	out := b.Output()
	if !strings.Contains(out, "marker") || !strings.Contains(out, namespaceOf(t, first, oci.MountNamespace)) || !strings.Contains(out, "root") {
		t.Errorf("not in the mount namespace:\n%s", out)
	}
	if after := read(t, "/proc/"+first+"/mountinfo"); after != before {
		t.Errorf("its mounts were\n%s\nand are\n%s", before, after)
	}
}

// What would change a joined mount namespace for all that are in it is refused.
func TestJoinedMountNamespaceIsLeftAlone(t *testing.T) {
	kegtest.NeedRoot(t)
	b := withNamespaces(t, nil, "true")
	b.Spec.Mounts = []oci.Mount{{Type: "tmpfs", Source: "tmpfs", Destination: "/tmp"}}
	b.Spec.Linux.RootfsPropagation = "private"
	join(b, oci.MountNamespace, hold(t, oci.MountNamespace).path(oci.MountNamespace))
	const hint = ` needs a new mount namespace: linux.namespaces[0] joins another's, which stays as it is`
	want := "keg: mounts[0]: mounting" + hint + "\nlinux.rootfsPropagation: changing the propagation" + hint + "\n"
	if r := b.Run(); r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
}

// New and joined ones together.
func TestMixedNamespaces(t *testing.T) {
	kegtest.NeedRoot(t)
	type kinds = []oci.LinuxNamespaceType
	for _, c := range []struct{ made, joined kinds }{
		{kinds{oci.UserNamespace, oci.MountNamespace}, kinds{oci.NetworkNamespace}},
		{kinds{oci.UserNamespace, oci.MountNamespace, oci.PIDNamespace, oci.TimeNamespace, oci.CgroupNamespace}, kinds{oci.NetworkNamespace, oci.IPCNamespace, oci.UTSNamespace}},
		{kinds{oci.UserNamespace, oci.MountNamespace}, kinds{oci.PIDNamespace}},
		{kinds{oci.MountNamespace, oci.NetworkNamespace, oci.TimeNamespace, oci.UTSNamespace}, kinds{oci.PIDNamespace}},
		// A Kubernetes pod with a user namespace: all of the pod's are owned by it.
		{kinds{oci.MountNamespace, oci.CgroupNamespace}, kinds{oci.UserNamespace, oci.NetworkNamespace, oci.IPCNamespace, oci.UTSNamespace, oci.PIDNamespace}},
		{kinds{oci.MountNamespace, oci.CgroupNamespace, oci.PIDNamespace}, kinds{oci.UserNamespace, oci.NetworkNamespace, oci.IPCNamespace, oci.UTSNamespace}},
		{kinds{oci.MountNamespace, oci.TimeNamespace}, kinds{oci.UserNamespace}},
	} {
		t.Run(names(c.made)+" new, "+names(c.joined)+" joined", func(t *testing.T) {
			h := hold(t, c.joined...)
			b := withNamespaces(t, c.made, "sleep", "60")
			for _, kind := range c.joined {
				join(b, kind, h.path(kind))
			}
			if slices.Contains(c.joined, oci.UserNamespace) {
				give(t, b)
			}
			pid := detached(t, b)
			for _, kind := range allNamespaces {
				switch {
				case slices.Contains(c.joined, kind):
					expectJoined(t, pid, h, kind)
				case namespaceOf(t, pid, kind) == namespaceOf(t, "self", kind) && slices.Contains(c.made, kind):
					t.Errorf("%s namespace is the host's", kind)
				}
			}
		})
	}
}

// The default container of an engine in a pod's namespaces, with a proc, sysfs
// and mqueue of its own.
func TestPodWithUserNamespace(t *testing.T) {
	kegtest.NeedRoot(t)
	pod := []oci.LinuxNamespaceType{oci.UserNamespace, oci.NetworkNamespace, oci.IPCNamespace, oci.UTSNamespace, oci.PIDNamespace}
	h := hold(t, pod...)
	b := kegtest.NewBundle(t, "sh", "-c", "echo $$ > /proc/self/comm; id -u; cat /proc/self/uid_map; ls /sys/class/net; ls /proc/1/cmdline; umount /proc 2>/dev/null || echo refused")
	b.Spec.Hostname = ""
	b.Spec.Linux.Namespaces = []oci.LinuxNamespace{{Type: oci.MountNamespace}, {Type: oci.CgroupNamespace}}
	for _, kind := range pod {
		join(b, kind, h.path(kind))
	}
	give(t, b)
	got := strings.Join(strings.Fields(b.Output()), " ")
	if want := "0 0 100000 65536 lo /proc/1/cmdline refused"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestNamespacePathErrors(t *testing.T) {
	kegtest.NeedRoot(t)
	h := hold(t, oci.UTSNamespace)
	file := filepath.Join(kegtest.TempDir(t), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path, want string
	}{
		{"wrong type", h.path(oci.UTSNamespace), "linux.namespaces[0].path: " + h.path(oci.UTSNamespace) +
			" is a namespace of another type: CLONE_NEWUTS, not CLONE_NEWNET"},
		{"no namespace", file, "linux.namespaces[0].path: " + file + " is not a namespace file (hint: they lie below /proc/PID/ns)"},
		{"missing", "/nowhere/net", "linux.namespaces[0].path: open /nowhere/net: no such file or directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := withNamespaces(t, nil, "true")
			join(b, oci.NetworkNamespace, c.path)
			if r := b.Run(); r.Code != 1 || r.Stderr != "keg: "+c.want+"\n" {
				t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, c.want)
			}
		})
	}
}

func isPID(n oci.LinuxNamespace) bool { return n.Type == oci.PIDNamespace }

// bindProc replaces the procfs among the mounts by the host's: in a user
// namespace a procfs needs a pid namespace of its own.
func bindProc(list []oci.Mount) []oci.Mount {
	for i := range list {
		if list[i].Type == "proc" {
			list[i] = oci.Mount{Type: "bind", Source: "/proc", Destination: "/proc", Options: []string{"rbind"}}
		}
	}
	return list
}
