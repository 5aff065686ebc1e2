package hooks

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// pidFrom is how a shell finds the container's pid in the state it is given.
const pidFrom = `P=$(sed 's/.*"pid": \([0-9]*\).*/\1/'); `

// A hook enters the container's network by its pid and makes an interface, as
// those of engines do, and a sysctl of the configuration is about it.
func TestNetworkHook(t *testing.T) {
	kegtest.NeedRoot(t)
	needTools(t, "ip", "nsenter", "sed")
	for _, kind := range []string{"prestart", "createRuntime"} {
		for name, change := range variants() {
			t.Run(kind+" "+name, func(t *testing.T) {
				s := newScene(t, "cat /proc/sys/net/ipv4/conf/hookside/forwarding /sys/class/net/hookside/address")
				change(s)
				s.Spec.Linux.Sysctl = map[string]string{"net.ipv4.conf.hookside.forwarding": "1"}
				s.hook(kind, pidFrom+`nsenter --net=/proc/$P/ns/net ip link add hookside address 02:00:00:00:00:07 type veth peer name hookpeer`)
				if got := s.Output(); got != "1\n02:00:00:00:00:07\n" {
					t.Errorf("the container sees %q", got)
				}
			})
		}
	}
}

// A hook enters the mount namespace by the pid and mounts into the root, at
// the host's paths, as those for graphics cards do.
func TestMountHook(t *testing.T) {
	needTools(t, "nsenter", "sed")
	for name, change := range variants() {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, "cat /run/driver; ls /tmp/new")
			change(s)
			source, root := kegtest.TempDir(t), filepath.Join(s.Dir, "rootfs")
			writeFile(t, filepath.Join(source, "driver"), "version 7\n")
			s.Spec.Mounts = append(s.Spec.Mounts, oci.Mount{Destination: "/tmp", Type: "tmpfs", Options: []string{"mode=777"}})
			user := ""
			switch {
			case os.Geteuid() != 0:
				user = "-U --preserve-credentials " // no setgroups in there
			case entersUser(s):
				user = "-U "
			}
			s.hook("createRuntime", pidFrom+"nsenter "+user+"-m -t $P sh -c 'mount --bind "+source+" "+root+"/run && mkdir "+root+"/tmp/new && touch "+root+"/tmp/new/file'")
			if got := s.Output(); got != "version 7\nfile\n" {
				t.Errorf("the container sees %q", got)
			}
		})
	}
}

func entersUser(s *scene) bool {
	for _, n := range s.Spec.Linux.Namespaces {
		if n.Type == oci.UserNamespace {
			return true
		}
	}
	return false
}

func needTools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			kegtest.Skip(t, "no %s: run test/setup", name)
		}
	}
}
