package linuxkit

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/engines"
)

var linuxkit = engines.Engine[engines.Runtime]{Name: "linuxkit", Title: "LinuxKit's service command", Start: start}

func TestLinuxKit(t *testing.T) {
	engines.Need(t, "runc", "unshare", "chroot")
	linuxkit.Run(t, scenarios)
}

// on is a scenario on a machine of its own.
func on(name string, run func(m *machine)) engines.Scenario[engines.Runtime] {
	return engines.Scenario[engines.Runtime]{Name: name, Run: func(t testing.TB, r engines.Runtime) { run(newMachine(t, r)) }}
}

var scenarios = []engines.Scenario[engines.Runtime]{
	on("onboot: one after another, the root on a tmpfs", func(m *machine) { m.sequence("tmpfs") }),
	on("onboot: one after another, the root on a ramfs", func(m *machine) { m.sequence("ramfs") }),
	on("its end is the caller's to wait for", func(m *machine) {
		m.add("000-status", bundle{script: "echo one >&2; exit 42"})
		m.add("001-signal", bundle{script: "sh -c 'kill -9 $$'; exit $?"})
		r := m.boot("tmpfs")
		if len(r) != 2 || r[0].Exit != 42 || r[0].Err != "one\n" || r[1].Exit != 128+9 || r[0].Failed+r[1].Failed != "" {
			m.t.Errorf("%+v", r)
		}
	}),
	on("a missing program is an error of create", func(m *machine) {
		m.add("000-none", bundle{change: func(s *oci.Spec) { s.Process.Args = []string{"/no-such-program"} }})
		m.add("001-after", bundle{script: "echo after"})
		r := m.boot("tmpfs")
		if len(r) != 2 || !strings.Contains(r[0].Failed, "create") || !strings.Contains(r[0].Err, "no such file or directory") || r[1].Out != "after\n" {
			m.t.Errorf("%+v", r)
		}
	}),
	on("a read-only image, bound on itself", func(m *machine) {
		m.add("000-ro", bundle{
			script:  "! touch /x 2>/dev/null && echo read-only",
			change:  func(s *oci.Spec) { s.Root.Readonly = true },
			runtime: `{"mounts": [{"source": "{dir}/rootfs", "destination": "{dir}/rootfs", "options": ["bind"]}]}`,
		})
		m.prints("read-only\n")
	}),
	on("a read-write image: an overlay on a tmpfs", func(m *machine) {
		m.add("000-rw", bundle{script: "echo new >/file; cat /file /lower", runtime: `{"mounts": [
			{"type": "tmpfs", "source": "tmpfs", "destination": "{dir}/tmp"},
			{"destination": "{dir}/tmp", "options": ["remount", "private"]},
			{"type": "overlay", "source": "overlay", "destination": "{dir}/rootfs",
			 "options": ["lowerdir={dir}/lower", "upperdir={dir}/tmp/upper", "workdir={dir}/tmp/work"]}]}`})
		lower := "/containers/onboot/" + m.name + "-000-rw/lower/"
		m.install("/bin/busybox", lower+"bin/sh")
		m.install("/bin/busybox", lower+"bin/cat")
		m.write(lower+"lower", []byte("lower\n"))
		m.prints("new\nlower\n")
	}),
	on("a mount that a container makes in a shared directory stays", func(m *machine) {
		m.add("000-mounts", bundle{script: "mkdir /run/shared && mount -t tmpfs tmpfs /run/shared && echo kept >/run/shared/file", change: func(s *oci.Spec) {
			capable("CAP_SYS_ADMIN")(s)
			s.Linux.RootfsPropagation = "shared"
		}})
		m.add("001-reads", bundle{script: "cat /run/shared/file; grep -c /run/shared /proc/mounts"})
		m.prints("kept\n1\n")
	}),
	on("a network namespace outlives its container, and is joined", func(m *machine) {
		m.add("000-makes", bundle{
			script:  "ip link set lo up",
			change:  func(s *oci.Spec) { capable("CAP_NET_ADMIN")(s); ownNetwork(s, "") },
			runtime: `{"bindNS": {"net": "/run/netns/kept"}}`,
		})
		m.add("001-joins", bundle{
			script: "ip link show lo | grep -o ,UP; ls /sys/class/net | grep -vc '^lo$'",
			change: func(s *oci.Spec) { ownNetwork(s, "/run/netns/kept"); s.Process.Args[2] += "; true" },
		})
		m.prints(",UP\n0\n")
	}),
	on("all devices", func(m *machine) {
		m.add("000-devices", bundle{script: "mknod /dev/own c 10 229 && : </dev/own && echo made", change: func(s *oci.Spec) {
			capable("CAP_MKNOD")(s)
			s.Linux.Resources.Devices = []oci.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}}
		}})
		m.add("001-none", bundle{script: "mknod /dev/own c 10 229 && : </dev/own", change: capable("CAP_MKNOD")})
		r := m.boot("tmpfs")
		if len(r) != 2 || r[0].Out != "made\n" || r[1].Exit == 0 || r[0].Failed+r[1].Failed != "" {
			m.t.Errorf("%+v", r)
		}
	}),
	on("the host's namespaces, and a cgroup named after the bundle", func(m *machine) {
		m.add("000-host", bundle{script: "! hostname other 2>/dev/null; grep -q " + m.name + "-000-host /proc/self/cgroup && echo own; echo $$"})
		m.prints("own\n1\n")
	}),
	on("with --debug", func(m *machine) {
		m.add("000-debug", bundle{script: "echo out"})
		r := m.boot("tmpfs", "--debug")
		if len(r) != 1 || r[0].Failed != "" || r[0].Out != "out\n" || !strings.Contains(r[0].Err, "debug") {
			m.t.Errorf("%+v", r)
		}
	}),
}

// sequence has three bundles, each of which needs the one before.
func (m *machine) sequence(fs string) {
	m.t.Helper()
	m.add("000-first", bundle{script: "echo first >/run/order; echo out; echo err >&2"})
	m.add("001-second", bundle{script: "echo second >>/run/order"})
	m.add("002-third", bundle{script: "cat /run/order; grep -E '^[^ ]+ / ' /proc/mounts | cut -d ' ' -f 3"})
	r := m.boot(fs)
	if len(r) != 3 || r[0].Out != "out\n" || r[0].Err != "err\n" || r[2].Out != "first\nsecond\n"+fs+"\n" {
		m.t.Errorf("%+v", r)
	}
	for _, one := range r {
		if one.Failed != "" || one.Exit != 0 {
			m.t.Errorf("%+v", one)
		}
	}
}

func capable(name string) func(*oci.Spec) {
	return func(s *oci.Spec) {
		list := []string{name}
		s.Process.Capabilities = &oci.LinuxCapabilities{Bounding: list, Effective: list, Permitted: list}
	}
}

func ownNetwork(s *oci.Spec, path string) {
	s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace, Path: path})
}
