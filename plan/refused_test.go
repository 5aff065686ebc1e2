package plan

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// All that is wrong is said at once.
func TestRefusedTogether(t *testing.T) {
	in := input(t, "testdata/create/config.json")
	in.Spec.Linux.Seccomp = &oci.LinuxSeccomp{DefaultAction: oci.ActAllow, Syscalls: []oci.LinuxSyscall{
		{Names: []string{"execve"}, Action: oci.ActKill}, {Names: []string{"getpgid"}, Action: oci.ActNotify}}}
	in.Spec.Process.Terminal, in.Spec.Root = true, nil
	_, err := Compile(in)
	want := "linux.seccomp.listenerPath: the profile has rules with SCMP_ACT_NOTIFY, but no socket where somebody hears of it\n" +
		"process.terminal: a terminal is made in the container's /dev/pts, but there is no root\n" +
		"linux.seccomp: the profile answers KILL_THREAD to execve, which keg has to call under it (execute sh): allow it"
	if message(err) != want {
		t.Errorf("got  %q\nwant %q", message(err), want)
	}
}

func TestRefusedMounts(t *testing.T) {
	bind := []string{"bind"}
	ids := []oci.LinuxIDMapping{{Size: 1}}
	for _, tt := range []struct {
		mount oci.Mount
		vary  func(*Input)
		want  string
	}{
		{oci.Mount{Destination: "/", Type: "tmpfs"}, nil,
			`mounts[1].destination: a mount on "/" would hide the container's root: set root.path instead`},
		{oci.Mount{Destination: "/a/..", Type: "tmpfs"}, nil,
			`mounts[1].destination: a mount on "/a/.." would hide the container's root: set root.path instead`},
		{oci.Mount{Destination: "/proc", Type: "proc", Options: []string{"tmpcopyup"}}, nil,
			`mounts[1].options: tmpcopyup is an option of tmpfs, not of "proc"`},
		{oci.Mount{Destination: "/a", Type: "tmpfs", Options: []string{"lowerdir=/b", "tmpupper"}}, nil,
			`mounts[1].options: tmpupper is an option of overlay, and lowerdir=DIR the only other one that goes with it`},
		{oci.Mount{Destination: "/a", Type: "overlay", Options: []string{"lowerdir=/b", "upperdir=/c", "tmpupper"}}, nil,
			`mounts[1].options: tmpupper is an option of overlay, and lowerdir=DIR the only other one that goes with it`},
		{oci.Mount{Destination: "/a", Source: "/b", Options: append(bind, "size=1m", "uid=1")}, nil,
			`mounts[1].options: unsupported mount option "uid=1": a bind mount takes none of a file system's own options`},
		{oci.Mount{Destination: "/a", Type: "tmpfs", UIDMappings: ids, GIDMappings: ids}, nil,
			`mounts[1].options: idmapped mounts are bind mounts; this one is of type "tmpfs"`},
		{oci.Mount{Destination: "/a", Source: "/b", Options: append(bind, "idmap")}, nil,
			"mounts[1]: idmap without uidMappings and gidMappings takes those of the container's user namespace, but it has none"},
		{oci.Mount{Destination: "/a", Source: "/b", Options: append(bind, "idmap"), UIDMappings: ids, GIDMappings: ids}, ordinaryUser,
			"mounts[1]: idmapped mounts need CAP_SYS_ADMIN on the host; keg runs as user 1000"},
		{oci.Mount{Destination: "/a", Type: "tmpfs"}, func(in *Input) { in.Spec.Linux.Namespaces = nil },
			"mounts[0]: mounting needs a mount namespace of the container's own: add {\"type\": \"mount\"} to linux.namespaces\n" +
				"mounts[1]: mounting needs a mount namespace of the container's own: add {\"type\": \"mount\"} to linux.namespaces"},
	} {
		in := input(t, "testdata/no_pivot/config.json") // has a mount on /dev
		in.Spec.Mounts = append(in.Spec.Mounts, tt.mount)
		if tt.vary != nil {
			tt.vary(&in)
		}
		if _, err := Compile(in); message(err) != tt.want {
			t.Errorf("%+v:\ngot  %s\nwant %s", tt.mount, message(err), tt.want)
		}
	}
}

func TestWithoutMountNamespace(t *testing.T) {
	const need = " needs a mount namespace of the container's own: add {\"type\": \"mount\"} to linux.namespaces"
	in := input(t, "testdata/no_mount_namespace/config.json")
	in.Spec.Root.Readonly, in.Spec.Linux.MaskedPaths = true, []string{"/proc/kcore"}
	_, err := Compile(in)
	want := "root.readonly: a read-only root" + need + "\nlinux.maskedPaths, linux.readonlyPaths: covering paths" + need
	if message(err) != want {
		t.Errorf("got  %s\nwant %s", message(err), want)
	}
}

// What the stage and the init need together is not refused by clone(2), later.
func TestRefusedPidsOfStage(t *testing.T) {
	const refused = "linux.resources.pids.limit: 1 is too little on cgroup v2 with a new time namespace or one that is joined: " +
		"a second process makes the container's first, so 2 is the least; keg update can lower it once the container is created"
	for _, tt := range []struct {
		limit int64
		vary  func(*Input)
		want  string
	}{
		{1, nil, refused},
		{0, nil, refused},
		{2, nil, ""},
		{1, func(in *Input) { in.Host.Resources.V2, in.Host.Resources.V1 = nil, []string{"pids"} }, ""},
		{1, func(in *Input) { in.Spec.Linux.Namespaces = in.Spec.Linux.Namespaces[:len(in.Spec.Linux.Namespaces)-1] }, ""},
	} {
		in := input(t, "testdata/create/config.json")
		in.Spec.Linux.Namespaces = append(in.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.TimeNamespace})
		in.Spec.Linux.Resources = &oci.LinuxResources{Pids: &oci.LinuxPids{Limit: &tt.limit}}
		if tt.vary != nil {
			tt.vary(&in)
		}
		if _, err := Compile(in); message(err) != tt.want {
			t.Errorf("limit %d: got %q, want %q", tt.limit, message(err), tt.want)
		}
	}
}
