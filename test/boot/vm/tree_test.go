package vm

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// tree puts bundles into a machine, laid out as LinuxKit's build does it: one
// image for all of them, below the first.
type tree struct {
	*machine
	lower string
}

// bundle adds one with an image that can be written to. Of the specification
// edit changes what it likes; runtime is what a runtime.json has beside mounts.
func (x *tree) bundle(dir string, runtime map[string]any, edit func(*oci.Spec), script string) {
	x.t.Helper()
	if x.lower == "" {
		x.lower = dir + "/lower"
		x.image(x.lower)
	}
	x.dir(dir+"/tmp", 0o755)
	x.dir(dir+"/rootfs", 0o755)
	s := &oci.Spec{
		Version: "1.0.2",
		Root:    &oci.Root{Path: "rootfs"},
		Process: &oci.Process{Args: []string{"/bin/sh", "-c", script}, Env: []string{"PATH=/bin"}, Cwd: "/", Capabilities: &oci.LinuxCapabilities{}},
		Mounts: []oci.Mount{
			{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "nodev", "noexec", "relatime"}},
			{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
			{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev"}},
		},
		Linux: &oci.Linux{Namespaces: []oci.LinuxNamespace{{Type: oci.MountNamespace}, {Type: oci.PIDNamespace}}},
	}
	if edit != nil {
		edit(s)
	}
	if runtime == nil {
		runtime = map[string]any{}
	}
	runtime["mounts"] = []map[string]any{
		{"destination": dir + "/tmp", "type": "tmpfs", "source": "tmpfs"},
		{"destination": dir + "/tmp", "options": []string{"remount", "private"}},
		{"destination": dir + "/rootfs", "type": "overlay", "source": "overlay",
			"options": []string{"lowerdir=" + x.lower, "upperdir=" + dir + "/tmp/upper", "workdir=" + dir + "/tmp/work"}},
	}
	x.json(dir+"/config.json", s)
	x.json(dir+"/runtime.json", runtime)
}

func (x *tree) json(name string, v any) {
	x.t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		x.t.Fatal(err)
	}
	x.file(name, 0o644, text)
}

func (x *tree) image(dir string) {
	x.t.Helper()
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		kegtest.Skip(x.t, "no busybox: run test/setup")
	}
	data, err := os.ReadFile(busybox)
	if err != nil {
		x.t.Fatal(err)
	}
	x.file(path.Join(dir, "bin/busybox"), 0o755, data)
	for _, name := range strings.Fields("sh cat ls echo readlink sleep grep touch kill cut seq tr ip") {
		x.link(path.Join(dir, "bin", name), "busybox")
	}
	for _, name := range []string{"proc", "dev", "sys", "run"} {
		x.dir(path.Join(dir, name), 0o755)
	}
}

// onHost has the container share the machine's processes, /run, /dev and keg.
func onHost(s *oci.Spec) {
	s.Linux.Namespaces = s.Linux.Namespaces[:1]
	s.Process.Capabilities = &oci.LinuxCapabilities{Bounding: []string{"CAP_KILL"}, Effective: []string{"CAP_KILL"}, Permitted: []string{"CAP_KILL"}}
	s.Linux.Resources = &oci.LinuxResources{Devices: []oci.LinuxDeviceCgroup{{Allow: true, Type: "a", Access: "rwm"}}}
	for _, bind := range [][2]string{{"/run", "/run"}, {"/dev", "/dev"}, {"/init", "/bin/keg"}} {
		s.Mounts = append(s.Mounts, oci.Mount{Destination: bind[1], Type: "bind", Source: bind[0], Options: []string{"rw", "rbind", "rshared"}})
	}
}

const netns = "/run/netns/one"

// A whole machine: networks that one container makes and the next uses, one that
// fails, services that are asked for and restarted, and an orderly end.
func TestMachine(t *testing.T) {
	x := &tree{machine: newMachine(t)}
	x.kernel.add(t, &x.initramfs, "virtio_pci", "virtio_net", "overlay", "veth", "dummy", "8021q", "ipvlan", "ipvtap", "macvtap", "wireguard")
	x.bundle("/containers/onboot/000-make", map[string]any{
		"interfaces": []map[string]any{{"name": "eth0", "add": "veth", "peer": "outside"}},
		"bindNS":     map[string]any{"net": netns},
	}, func(s *oci.Spec) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace})
	}, `echo made by "$(readlink /proc/self/ns/net)"; echo first container at $(cut -d' ' -f1 /proc/uptime)`)
	x.bundle("/containers/onboot/001-join", nil, func(s *oci.Spec) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace, Path: netns})
	}, `echo joined "$(readlink /proc/self/ns/net)" with $(ls /sys/class/net)`)
	x.bundle("/containers/onboot/002-fails", nil, nil, `echo it fails; exit 3`)
	x.bundle("/containers/onboot/003-links", map[string]any{"interfaces": []map[string]any{
		{"name": "d0", "add": "dummy", "address": "192.0.2.1/24", "mtu": 1400, "up": true},
		{"name": "e0", "add": "veth", "peer": "other"},
		{"name": "i0", "add": "ipvlan", "parent": "outside"},
		{"name": "j0", "add": "ipvtap", "parent": "outside"},
		{"name": "m0", "add": "macvtap", "parent": "other"},
		{"name": "v7", "add": "vlan", "parent": "outside", "vlan": 7},
		{"name": "w0", "add": "wireguard"},
	}}, func(s *oci.Spec) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace})
	}, `cd /sys/class/net; echo links: $(ls); echo taps: $(ls -d */*tap*); ip addr show d0; grep VID /proc/net/vlan/v7`)
	x.bundle("/containers/services/steady", nil, onHost, `echo services at $(cut -d' ' -f1 /proc/uptime) >/dev/console; exec sleep 1000`)
	x.bundle("/containers/services/crashes", nil, func(s *oci.Spec) {
		onHost(s)
		s.Annotations = map[string]string{"org.keg.boot.backoff": "100ms"}
	}, `[ -e /again ] && { echo it runs again >/dev/console; exec sleep 1000; }; touch /again; exit 7`)
	x.bundle("/containers/services/watcher", nil, onHost, watcher)
	x.bundle("/containers/onshutdown/000-bye", nil, nil, `echo a last word`)
	c := x.boot()
	made := regexp.MustCompile(`(?m)^made by net:\[(\d+)\]`).FindStringSubmatch(c.text)
	if made == nil {
		t.Fatal("the first container has not spoken")
	}
	c.wants(`keg is process 1`, `onboot`, `^made by`, `^joined net:\[`+made[1]+`\] with eth0 lo$`, `^links: d0 e0 i0 j0 lo m0 v7 w0$`, `^taps: j0/.*tap.* m0/.*tap`, `UP.* mtu 1400`, `inet 192.0.2.1/24`, `VID: 7\b`, `002-fails.*3`, `services`)
	c.wants(`^services at`)
	c.wants(`^it runs again`)
	c.wants(`^status: crashes +running .* 1 +.*7`, `^status: steady +running`,
		`services: the supervisor ended, ended by signal 9.*; once more in`, `^found again: crashes +running`, `^found again: steady +running`, `power off`, `^a last word`, `power off now`)
	c.lacks("Kernel panic", "panic:", "killed after", "could not be unmounted", `^modprobe:`)
	for _, event := range []string{"first container", "services"} {
		if at := regexp.MustCompile(`(?m)^` + event + ` at ([0-9.]+)`).FindStringSubmatch(c.text); at != nil {
			t.Logf("booted to the %s in %s s", event, at[1])
		}
	}
}

// watcher asks over the control socket until the service that crashed runs, kills
// the supervisor, asks the next one, and powers the machine off.
const watcher = `
for i in $(seq 300); do
	keg boot status >/run/status 2>&1 && grep -q '^crashes  *running .*  1  ' /run/status && grep -q '^steady  *running ' /run/status && break
	sleep 0.1
done
while read -r line; do echo "status: $line"; done </run/status >/dev/console
for d in /proc/[0-9]*; do
	case "$(tr '\0' ' ' <$d/cmdline)" in "keg boot services "*) kill -KILL ${d#/proc/} ;; esac
done
for i in $(seq 300); do
	sleep 0.1
	keg boot status >/run/status 2>&1 && break
done
while read -r line; do echo "found again: $line"; done </run/status >/dev/console
kill -USR2 1
exec sleep 1000
`
