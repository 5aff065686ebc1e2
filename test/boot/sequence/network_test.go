package sequence

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func link(members ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i < len(members); i += 2 {
		m[members[i].(string)] = members[i+1]
	}
	return m
}

// links prints a namespace's, without what another machine has otherwise.
const links = `links() { ip -o link | sed -E 's/^[0-9]+: ([^:@]*)[^:]*: .*mtu ([0-9]+).*/\1 \2/' | grep -v '^lo ' | sort; }
`

// A container's end may have a name that the machine has, too: the test's
// machine has an eth0 and a mac0 by then.
func TestInterfaces(t *testing.T) {
	m := newMachine(t)
	m.add("000-net", bundle{
		script: "ls /sys/class/net | grep -v '^lo$'; ip -o addr show dev eth0 up | grep -oE 'inet6? (192|2001)[^ ]*'; cat /sys/class/net/lan/mtu",
		change: ownNetwork,
		runtime: runtime{"interfaces": []any{
			link("name", "eth0", "peer", "out0", "address", []string{"192.0.2.7/24", "2001:db8::7/64"}, "up", true),
			link("name", "eth1", "add", "veth", "peer", "out1"),
			link("name", "mac0", "add", "macvlan", "parent", "phys2", "createInRoot", true),
			link("name", "mac1", "add", "macvlan", "parent", "phys2"),
			link("name", "br1", "add", "bridge"),
			link("name", "phys", "rename", "lan", "mtu", 1400),
		}},
	})
	r := m.run(links + `
		ip link add eth0 type veth peer name phys; ip link add mac0 type ifb; ip link add phys2 type veth peer name other
		ip link set phys up
		boot onboot | head -n 10
		for n in $(seq 600); do links | grep -qE '^(eth0|out)' && sleep 0.1 || break; done # the other ends die with the container, some time later
		links`)
	want := `br1
eth0
eth1
lan
mac0
mac1
inet 192.0.2.7/24
inet6 2001:db8::7/64
1400
CONTAINER STATUS TIME
mac0 1500
other 1500
phys2 1500
`
	if out := m.table(r.Stdout); out != want {
		t.Errorf("%s\n%s", out, r.Stderr)
	}
	for _, line := range []string{"Created interface eth0 type veth\n", "Created interface mac0 type macvlan\n", "Moved interface phys to pid "} {
		if !strings.Contains(r.Stderr, line) {
			t.Errorf("no %q in %s", line, r.Stderr)
		}
	}
}

// Without a network namespace of the container's, interfaces appear on the
// machine; those that are there already are used.
func TestInterfacesOfTheMachine(t *testing.T) {
	m := newMachine(t)
	m.add("000-host", bundle{script: "true", runtime: runtime{"interfaces": []any{
		link("name", "br0", "add", "bridge", "up", true),
		link("name", "in0", "peer", "out0", "mtu", 1300),
	}}})
	want := "br0 1500\nin0 1300\nout0 1500\n"
	if out := m.output(links + "boot onboot >/dev/null && links; boot onboot >/dev/null && links"); out != want+want {
		t.Errorf("%s", out)
	}
}

// A namespace outlives its container, and the next one joins it. Another run
// replaces it, with what was connected to it.
func TestBindNS(t *testing.T) {
	m := newMachine(t)
	files := map[string]string{}
	for _, ns := range []string{"cgroup", "ipc", "net", "pid", "user", "uts"} {
		files[ns] = "/run/ns/" + ns
	}
	m.add("000-makes", bundle{script: "ip link set lo up", change: ownNetwork, runtime: runtime{
		"bindNS": files, "interfaces": []any{link("name", "e0", "peer", "out0"), link("name", "phys", "rename", "lan")},
	}})
	m.add("001-joins", bundle{script: "ip link show lo | grep -o ,UP; ls /sys/class/net | tr '\\n' ' '", change: func(s *oci.Spec) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace, Path: "/run/ns/net"})
	}})
	r := m.run(links + `
		ip link add phys type ifb
		boot onboot; boot onboot
		for ns in cgroup ipc net pid user uts; do echo $ns $(stat -fc %T /run/ns/$ns) $(grep -c " /run/ns/$ns " /proc/self/mountinfo); done
		links`)
	run := ",UP\ne0 lan lo CONTAINER STATUS TIME\n000-makes 0\n001-joins 0\n"
	want := run + run + "cgroup nsfs 1\nipc nsfs 1\nnet nsfs 1\npid nsfs 1\nuser nsfs 1\nuts nsfs 1\nout0 1500\n"
	if out := m.table(r.Stdout); out != want {
		t.Errorf("%s\n%s", out, r.Stderr)
	}
}

// Of a namespace that was not kept, the kernel removes the interfaces some time
// after its end: the next container's may come before.
func TestNextBeforeTheLastIsGone(t *testing.T) {
	m := newMachine(t)
	want := ""
	for _, name := range strings.Fields("0 1 2 3 4 5 6 7") {
		m.add(name, bundle{script: "exit 4", change: ownNetwork, runtime: runtime{"interfaces": []any{link("name", "e0", "peer", "out0")}}})
		want += " " + name + "=4"
	}
	if results, r := m.results("boot onboot --json"); " "+ids(results) != want {
		t.Errorf("%+v %s", results, r.Stderr)
	}
}

// A mount namespace is bound where the machine's mounts are shared with it, as
// LinuxKit's are. The kernel wants it to be younger than keg's own, which newer
// ones tell by numbers that two processors give out side by side: here, where
// keg's is not the machine's first, some tries fail. mnt_ns_loop in
// fs/namespace.c, Linux 6.18
func TestBindMountNamespace(t *testing.T) {
	m := newMachine(t)
	m.add("000-mnt", bundle{script: "true", runtime: runtime{"bindNS": map[string]string{"mnt": "/run/ns/mnt"}}})
	for range 40 {
		r := m.run(`
			boot onboot >/dev/null && boot onboot >/dev/null || exit
			stat -fc %T /run/ns/mnt; grep -c " /run/ns/mnt " /proc/self/mountinfo; nsenter --mount=/run/ns/mnt /bin/busybox ls /bin/busybox`)
		if r.Code != 0 && strings.Contains(r.Stderr, "bindNS.mnt: mount /run/ns/mnt: invalid argument (hint: ") {
			continue
		}
		if r.Stdout != "nsfs\n2\n/bin/busybox\n" {
			t.Errorf("%s%s", r.Stdout, r.Stderr)
		}
		return
	}
	t.Error("it never succeeds")
}
