package sequence

import (
	"os"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// all is a runtime.json that has one of everything, and can be carried out.
func all(m *machine) runtime {
	return runtime{
		"mounts": []any{
			mount("tmpfs", "tmpfs", "/run/store"), mount("tmpfs", "tmpfs", "data/sub"),
			mount("", m.path("image/etc"), "/run/bound", "bind", "ro"), mount("", m.path("image/etc/passwd"), "/run/files/passwd", "bind"),
		},
		"mkdir":   []string{"/run/store/a/b", "data/sub/c", "/run/made/d"},
		"cgroups": []any{m.name + "/plain", map[string]any{"path": m.name + "-limited/x", "limits": map[string]any{"pids": map[string]any{"limit": 7}}}},
		"interfaces": []any{
			link("name", "e0", "peer", "out0", "address", "192.0.2.1/24", "up", true), link("name", "phys", "rename", "lan", "mtu", 1300),
			link("name", "mac0", "add", "macvlan", "parent", "other", "createInRoot", true),
		},
		"bindNS": map[string]string{"net": "/run/ns/net", "uts": "/run/ns/uts"},
	}
}

// snap prints all that a bundle can leave on the machine. Mounts of other tests
// come and go.
const snap = `
snap() {
	cut -d' ' -f 4,5 /proc/self/mountinfo | grep -E " ($dir|/run/(store|bound|files|made|new|dir|x|b|o|ns))(/|$)"
	"$keg" list -q
	find /run -xdev ! -path '/run/keg*' ! -path '/run/log*'
	ip -o link | sed -E 's/^[0-9]+: ([^:]*): .*[<,](UP[,>])?.* mtu ([0-9]+).* link.ether ([^ ]*).*/\1 \2 \3 \4/' | sort
	find /sys/fs/cgroup -type d -name "$name*" 2>/dev/null
}
ip link add phys type veth peer name other; ip link set phys up; ip link set other up
mkdir -p /run/ns; : >/run/ns/uts; mount --bind /proc/self/ns/uts /run/ns/uts
`

func TestAll(t *testing.T) {
	m := newMachine(t)
	dir := m.add("000-all", bundle{script: "ls /data/sub; cat /sys/class/net/lan/mtu", change: ownNetwork, runtime: all(m)})
	out := m.output(snap + `
		boot onboot | head -n 2
		ls -d /run/store/a/b /run/made/d; touch /run/bound/x 2>/dev/null || echo ro; head -n 1 /run/files/passwd
		find /sys/fs/cgroup -type d -path "*/$name/plain" | wc -l | sed 's/^[1-9].*/some/'
		cat $(find /sys/fs/cgroup -path "*/$name-limited/x/pids.max")
		find /sys/fs/cgroup -depth -type d -path "*/$name*" -exec rmdir {} \; 2>/dev/null || true # others come and go`)
	if want := "c\n1300\n/run/made/d\n/run/store/a/b\nro\nroot:x:0:0:root:/root:/bin/sh\nsome\n7\n"; !strings.HasPrefix(out, want) {
		t.Errorf("%s: %s", dir, out)
	}
}

// Whatever fails of a bundle that has one of everything: nothing is left, the
// error says where, and the next bundle runs.
func TestEachFaultLeavesNothing(t *testing.T) {
	list := func(r runtime, name string, more any) { r[name] = append(r[name].([]any), more) }
	faults := []struct {
		name, want string
		change     func(m *machine, r runtime)
		config     func(*oci.Spec)
		before     string
	}{
		{"mount", "runtime.json: mounts[7]: nosuchfs: mount /run/x: no such device", func(_ *machine, r runtime) { list(r, "mounts", mount("nosuchfs", "", "/run/x/y/..")) }, nil, ""},
		{"mount of nothing", "runtime.json: mounts[7]: bind /nothing: stat /nothing: no such file", func(_ *machine, r runtime) { list(r, "mounts", mount("", "/nothing", "/run/x", "bind")) }, nil, ""},
		{"remount", "runtime.json: mounts[7]: remount: mount DIR/image: invalid argument", func(m *machine, r runtime) { list(r, "mounts", mount("", "", m.path("image"), "remount")) }, nil, ""},
		{"propagation", "runtime.json: mounts[7]: rshared: mount DIR/image: invalid argument", func(m *machine, r runtime) { list(r, "mounts", mount("", "", m.path("image"), "rshared")) }, nil, ""},
		{"overlay", "runtime.json: mounts[7]: overlay: mount /run/x: no such file or directory (hint: lowerdir: /nothing: no such file or directory)", func(_ *machine, r runtime) {
			list(r, "mounts", mount("overlay", "overlay", "/run/x", "lowerdir=/nothing", "upperdir=/run/o/up", "workdir=/run/o/work"))
		}, nil, ""},
		{"mount after one through a link", "runtime.json: mounts[8]: nosuchfs: ", func(m *machine, r runtime) {
			m.must(os.Mkdir(m.path("image/target"), 0o755))
			m.must(os.Symlink("/target", m.path("image/link")))
			list(r, "mounts", mount("tmpfs", "tmpfs", "link"))
			list(r, "mounts", mount("nosuchfs", "", "/run/x"))
		}, nil, ""},
		{"mount after an overlay", "runtime.json: mounts[8]: nosuchfs: ", func(m *machine, r runtime) {
			list(r, "mounts", mount("overlay", "overlay", "/run/x", "lowerdir="+m.path("image"), "upperdir=/run/o/up", "workdir=/run/o/work"))
			list(r, "mounts", mount("nosuchfs", "", "/run/n"))
		}, nil, ""},
		{"mkdir", "runtime.json: mkdir[1]: openat2 /proc/version: not a directory", func(_ *machine, r runtime) { r["mkdir"] = []string{"/run/new/dir", "/proc/version"} }, nil, ""},
		{"cgroup's limit", "runtime.json: cgroups[2]: ", func(m *machine, r runtime) {
			list(r, "cgroups", map[string]any{"path": m.name + "-limited/y", "limits": map[string]any{"cpu": map[string]any{"cpus": "9999"}}})
		}, nil, ""},
		{"create", "create: ", nil, func(s *oci.Spec) { s.Process.Args = []string{"/none"} }, ""},
		{"create that is killed", "create: keg was ended by signal 9", nil, func(s *oci.Spec) {
			s.Hooks = &oci.Hooks{CreateRuntime: []oci.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "kill -9 $PPID; exec sleep 10"}}}}
		}, ""},
		{"interface", "runtime.json: interfaces[3]: none: Link not found", func(_ *machine, r runtime) { list(r, "interfaces", link("name", "none")) }, nil, ""},
		{"interface's type", "runtime.json: interfaces[3]: x: add type nosuchtype: operation not supported (hint:", func(_ *machine, r runtime) { list(r, "interfaces", link("name", "x", "add", "nosuchtype")) }, nil, ""},
		{"interface's name", "runtime.json: interfaces[3]: e0: add type bridge: file exists", func(_ *machine, r runtime) { list(r, "interfaces", link("name", "e0", "add", "bridge")) }, nil, ""},
		{"peer's name", "runtime.json: interfaces[3]: x: add type veth: file exists", func(_ *machine, r runtime) { list(r, "interfaces", link("name", "x", "peer", "other")) }, nil, ""},
		{"parent", "runtime.json: interfaces[3]: x: parent none: Link not found", func(_ *machine, r runtime) {
			list(r, "interfaces", link("name", "x", "add", "macvlan", "parent", "none"))
		}, nil, ""},
		{"name of one that is moved", "runtime.json: interfaces[3]: other: move into the container's network namespace: name e0: file exists", func(_ *machine, r runtime) {
			list(r, "interfaces", link("name", "other", "rename", "e0"))
		}, nil, ""},
		{"one that is made and moved", "runtime.json: interfaces[3]: e0: name e0: file exists", func(_ *machine, r runtime) {
			list(r, "interfaces", link("name", "e0", "add", "ifb", "createInRoot", true))
		}, nil, ""},
		{"mtu", "runtime.json: interfaces[3]: x: mtu 99999: ", func(_ *machine, r runtime) { list(r, "interfaces", link("name", "x", "peer", "y", "mtu", 99999)) }, nil, ""},
		{"bindNS", "runtime.json: bindNS.user: mount /run/dir: not a directory", func(_ *machine, r runtime) { r["bindNS"].(map[string]string)["user"] = "/run/dir" }, nil, "mkdir /run/dir"},
		{"start", "start: ", nil, func(s *oci.Spec) {
			s.Hooks = &oci.Hooks{StartContainer: []oci.Hook{{Path: "/bin/false"}}}
		}, ""},
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			r := all(m)
			if f.change != nil {
				f.change(m, r)
			}
			m.add("000-bad", bundle{script: "true", runtime: r, change: func(s *oci.Spec) {
				ownNetwork(s)
				if f.config != nil {
					f.config(s)
				}
			}})
			m.add("001-next", bundle{script: "exit 5"})
			results, res := m.results(snap + f.before + `
				snap >/tmp/before.$$; boot onboot --json; status=$?
				for n in $(seq 300); do snap >/tmp/after.$$; cmp -s /tmp/before.$$ /tmp/after.$$ && break; sleep 0.1; done
				diff /tmp/before.$$ /tmp/after.$$ >&2 && echo nothing is left >&2; rm /tmp/before.$$ /tmp/after.$$; exit $status`)
			if ids(results) != "000-bad=failed 001-next=5" || res.Code != 1 || !strings.HasPrefix(results[0].Error, "onboot/000-bad: "+f.want) {
				t.Errorf("%d %+v", res.Code, results)
			}
			if !strings.HasSuffix(res.Stderr, "nothing is left\n") {
				t.Errorf("%s", res.Stderr)
			}
		})
	}
}
