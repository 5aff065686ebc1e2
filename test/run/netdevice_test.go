package run

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// inNetwork runs a script, and keg from it as "$@", in a network namespace of
// the test's own that has a pair of virtual devices.
func inNetwork(t *testing.T, script string, b *kegtest.Bundle) kegtest.Result {
	t.Helper()
	b.Write()
	const pair = `set -e
ip link set lo up
ip link add kegv0 type veth peer name kegv1
ip link set kegv0 mtu 1400 address 02:00:00:00:00:07
ip addr add 192.0.2.7/24 dev kegv0
ip -6 addr add 2001:db8::7/64 dev kegv0 nodad
ip link set kegv1 up
`
	args := []string{"--net", "sh", "-c", pair + script, "sh",
		kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID()}
	return kegtest.Finish(t, exec.Command("unshare", args...))
}

func netDevices(t *testing.T, devices map[string]oci.LinuxNetDevice) *kegtest.Bundle {
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "sh", "-c", "ip addr; echo net; ls /sys/class/net")
	b.Spec.Linux.NetDevices = devices
	b.Spec.Linux.Resources = nil // only a warning for now
	return b
}

func TestNetDeviceMoves(t *testing.T) {
	for name, change := range map[string]func(s *oci.Spec){
		"new": func(*oci.Spec) {},
		"user namespace": func(s *oci.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
			s.Linux.UIDMappings = []oci.LinuxIDMapping{{ContainerID: 0, HostID: 100000, Size: 65536}}
			s.Linux.GIDMappings = s.Linux.UIDMappings
		},
		"staged": func(s *oci.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.TimeNamespace})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := netDevices(t, map[string]oci.LinuxNetDevice{"kegv0": {Name: "eth0"}})
			change(b.Spec)
			r := inNetwork(t, `ip link set kegv0 up; "$@"`, b)
			for _, want := range []string{"eth0@", "mtu 1400", "02:00:00:00:00:07", "inet 192.0.2.7/24", "inet6 2001:db8::7/64", ",UP", "net\neth0\nlo\n"} {
				if !strings.Contains(r.Stdout, want) {
					t.Errorf("no %q; exit status %d, %s\n%s", want, r.Code, r.Stderr, r.Stdout)
				}
			}
			if strings.Contains(r.Stdout, "kegv0") {
				t.Errorf("the old name is left:\n%s", r.Stdout)
			}
		})
	}
}

func TestNetDeviceJoined(t *testing.T) {
	b := netDevices(t, map[string]oci.LinuxNetDevice{"kegv0": {}})
	target := filepath.Join(b.Dir, "net")
	for i := range b.Spec.Linux.Namespaces {
		if b.Spec.Linux.Namespaces[i].Type == oci.NetworkNamespace {
			b.Spec.Linux.Namespaces[i].Path = target
		}
	}
	script := fmt.Sprintf(`unshare --net sleep 60 & holder=$!
while [ "$(readlink /proc/$holder/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done
ln -s /proc/$holder/ns/net %s
status=0; "$@" || status=$?
kill $holder; exit $status`, target)
	if r := inNetwork(t, script, b); r.Code != 0 || !strings.Contains(r.Stdout, "inet 192.0.2.7/24") {
		t.Errorf("exit status %d, %s\n%s", r.Code, r.Stderr, r.Stdout)
	}
}

func TestNetDeviceErrors(t *testing.T) {
	for _, c := range []struct{ device, name, script, want string }{
		{"none0", "", "", `linux.netDevices.none0: move network device none0 into the container as none0: ` +
			"find it: no such device (hint: `ip link` lists the devices of the namespace that keg runs in)"},
		{"lo", "eth0", "", `linux.netDevices.lo: move network device lo into the container as eth0: ` +
			`move it: invalid argument (hint: devices such as lo and bridges belong to their network namespace and cannot move)`},
		{"kegv0", "lo", "", `linux.netDevices.kegv0: move network device kegv0 into the container as lo: ` +
			`move it: file exists (hint: the container has a device of that name already: give it another in linux.netDevices)`},
	} {
		b := netDevices(t, map[string]oci.LinuxNetDevice{c.device: {Name: c.name}})
		r := inNetwork(t, c.script+`"$@"`, b)
		if r.Code != 1 || r.Stderr != "keg: "+c.want+"\n" {
			t.Errorf("exit status %d: %s\nwant %s", r.Code, r.Stderr, c.want)
		}
		if left, _ := os.ReadDir(b.Root); len(left) > 0 {
			t.Errorf("left in the state root: %v", left)
		}
	}
}
