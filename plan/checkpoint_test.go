package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/program"
)

func externals(in Input) []string {
	var list []string
	for _, e := range Externals(in) {
		line := fmt.Sprintf("%s: %s is %s from %s", e.Field, e.Point, e.Name, e.Source)
		if e.Mask {
			line += ", if it is a file"
		}
		list = append(list, line)
	}
	return list
}

func saved(t *testing.T) Input {
	in := input(t, "testdata/create/config.json")
	in.Spec.Linux.Namespaces = []oci.LinuxNamespace{{Type: oci.MountNamespace}}
	in.Spec.Mounts = []oci.Mount{
		{Destination: "/data/", Source: "sub", Options: []string{"rbind", "ro"}},
		{Destination: "/data", Options: []string{"bind", "remount", "ro"}},
		{Destination: "/tmp", Type: "tmpfs"},
		{Destination: "/sys/fs/cgroup", Type: "cgroup"},
	}
	in.Spec.Linux.MaskedPaths = []string{"/proc/keys"}
	return in
}

func TestExternals(t *testing.T) {
	in := saved(t)
	in.Host.CgroupMounts = []CgroupMount{{Path: "/sys/fs/cgroup/box", Unified: true}}
	in.NotifySocket = "/run/notify"
	want := []string{
		"mounts[0]: /data is /data from /bundle/sub",
		"mounts[3]: /sys/fs/cgroup is /sys/fs/cgroup from /sys/fs/cgroup/box",
		"linux.maskedPaths[0]: /proc/keys is /dev/null from /dev/null, if it is a file",
		"NOTIFY_SOCKET: /run/notify/notify.sock is /run/notify/notify.sock from /run/notify, if it is a file",
	}
	if got := externals(in); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}

	in.NotifySocket, in.Spec.Linux.MaskedPaths, in.Spec.Mounts = "@abstract", nil, in.Spec.Mounts[3:]
	in.Host.CgroupMounts = []CgroupMount{{Name: "cpu,cpuacct", Path: "/c/cpu/box"}, {Name: "systemd", Path: "/c/systemd/box"}}
	want = []string{
		"mounts[0]: /sys/fs/cgroup/cpu,cpuacct is /sys/fs/cgroup/cpu,cpuacct from /c/cpu/box",
		"mounts[0]: /sys/fs/cgroup/systemd is /sys/fs/cgroup/systemd from /c/systemd/box",
		"NOTIFY_SOCKET: /run/notify/notify.sock is /run/notify/notify.sock from /dev/null, if it is a file",
	}
	if got := externals(in); !slices.Equal(got, want) {
		t.Errorf("cgroup v1: got\n%s", strings.Join(got, "\n"))
	}
}

// Devices that could not be made are the host's.
func TestExternalDevices(t *testing.T) {
	in := saved(t)
	in.Spec.Mounts, in.Spec.Linux.MaskedPaths = nil, nil
	in.Spec.Linux.Devices = []oci.LinuxDevice{{Path: "/dev/fuse", Type: "c", Major: 10, Minor: 229}, {Path: "/dev/pipe", Type: "p"}}
	in.Host.Mknod = false
	got := strings.Join(externals(in), "\n")
	for _, want := range []string{"linux.devices: /dev/null is /dev/null from /dev/null", "linux.devices[0]: /dev/fuse is /dev/fuse from /dev/fuse"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "/dev/pipe") {
		t.Errorf("a FIFO is made, not bound:\n%s", got)
	}
}

func TestRestrictions(t *testing.T) {
	in := saved(t)
	in.Host.Mknod = false
	in.Spec.Mounts = append(in.Spec.Mounts, oci.Mount{Destination: "/home", Source: "/home", Options: []string{"rbind", "rnosuid", "nodev", "noatime"}},
		oci.Mount{Destination: "/srv", Source: "/srv", Options: []string{"bind"}}, oci.Mount{Destination: "/ro", Type: "tmpfs", Options: []string{"ro"}})
	var got []string
	for _, r := range Restrictions(in) {
		got = append(got, r.Field+" "+r.Point+" "+program.MountAttrs.Decode(r.Set))
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{
		"mounts[0] /data/ MOUNT_ATTR_RDONLY", "mounts[1] /data MOUNT_ATTR_RDONLY", "mounts[4] /home MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV",
		"linux.devices /dev/null MOUNT_ATTR_RDONLY", "linux.maskedPaths[0] /proc/keys MOUNT_ATTR_RDONLY",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "/srv") || strings.Contains(text, "mounts[6]") {
		t.Errorf("more than there is:\n%s", text)
	}
}

func TestRestorable(t *testing.T) {
	ids := []oci.LinuxIDMapping{{Size: 1}}
	for _, tt := range []struct {
		vary func(*oci.Spec)
		want string
	}{
		{func(*oci.Spec) {}, ""},
		{func(s *oci.Spec) { s.Linux.Namespaces = nil }, "linux.namespaces: only a container with a root and a mount namespace"},
		{func(s *oci.Spec) { s.Root = nil }, "linux.namespaces: only a container with a root"},
		{func(s *oci.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace, Path: "/u"})
		}, ".path: CRIU cannot restore a container into another's namespace of this type"},
		{func(s *oci.Spec) { s.Annotations = map[string]string{AnnotationOverlay: "tmpfs"} }, "annotations." + AnnotationOverlay + ": a layer"},
		{func(s *oci.Spec) { s.Process = nil }, "process: is missing"},
		{func(s *oci.Spec) {
			s.Annotations, s.Linux.Seccomp = map[string]string{AnnotationInit: "true"}, &oci.LinuxSeccomp{}
		}, "annotations." + AnnotationInit + ": the init has neither"},
		{func(s *oci.Spec) { s.Annotations, s.Linux.Seccomp = map[string]string{AnnotationInit: "true"}, nil }, ""},
		{func(s *oci.Spec) { s.Mounts[0].UIDMappings = ids }, "mounts[0]: CRIU would restore an idmapped mount without its mappings"},
		{func(s *oci.Spec) { s.Mounts[0].Options = []string{"bind", "idmap"} }, "mounts[0]: CRIU would restore an idmapped mount"},
		{func(s *oci.Spec) {
			s.Mounts[2].Type, s.Mounts[2].Options = "overlay", []string{"lowerdir=/a", "tmpupper"}
		}, "mounts[2]: a layer"},
	} {
		s := saved(t).Spec
		tt.vary(s)
		if got := message(Restorable(s)); got == "" != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// What lies on another mount is not made in the root.
func TestMountPoints(t *testing.T) {
	s := saved(t).Spec
	s.Mounts = append(s.Mounts, oci.Mount{Destination: "/data/inner", Type: "tmpfs"}, oci.Mount{Destination: "/database", Type: "tmpfs"})
	var got []string
	for _, p := range MountPoints(s, "/bundle") {
		got = append(got, p.Field+" "+p.Path+" "+p.Source)
	}
	want := []string{"mounts[0] /data /bundle/sub", "mounts[2] /tmp ", "mounts[3] /sys/fs/cgroup ", "mounts[5] /database "}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
