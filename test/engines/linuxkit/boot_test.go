// Package linuxkit starts bundles as LinuxKit's init does: /usr/bin/runc is called
// by a service command, with the root on a tmpfs or ramfs that was moved to /.
package linuxkit

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

var program = sync.OnceValues(func() ([]byte, error) { return kegtest.Program("testdata/service/service.go") })

// machine is the root file system of one, before it boots.
type machine struct {
	t       testing.TB
	runtime engines.Runtime
	dir     string
	name    string // begins the names of bundles, and so of cgroups
}

// result is what service says of a bundle.
type result struct {
	Name, Failed string
	Exit         int
	Out, Err     string
	Bound        bool
}

func start(t testing.TB, r engines.Runtime) engines.Runtime { return r }

// newMachine has busybox, the runtime as /usr/bin/runc, and service.
func newMachine(t testing.TB, r engines.Runtime) *machine {
	t.Helper()
	dir := kegtest.TempDir(t)
	m := &machine{t: t, runtime: r, dir: dir, name: filepath.Base(dir)}
	kegtest.Populate(t, m.path("/"))
	service, err := program()
	m.must(err)
	m.write("/usr/bin/service", service)
	m.install(r.Path, "/usr/bin/runc")
	for _, d := range []string{"/containers/onboot", "/var", "/mnt"} {
		m.must(os.MkdirAll(m.path(d), 0o755))
	}
	return m
}

func (m *machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) path(inside string) string { return filepath.Join(m.dir, "root", inside) }

func (m *machine) write(inside string, data []byte) {
	m.t.Helper()
	m.must(os.MkdirAll(filepath.Dir(m.path(inside)), 0o755))
	m.must(os.WriteFile(m.path(inside), data, 0o755))
}

// install copies a program, with the libraries that it is linked with.
func (m *machine) install(program, inside string) {
	m.t.Helper()
	data, err := os.ReadFile(program)
	m.must(err)
	m.write(inside, data)
	out, err := exec.Command("ldd", program).Output()
	if err != nil { // static
		return
	}
	for _, word := range strings.Fields(string(out)) {
		if strings.HasPrefix(word, "/") {
			library, err := os.ReadFile(word)
			m.must(err)
			m.write(word, library)
		}
	}
}

// bundle is as LinuxKit's tool writes one.
type bundle struct {
	script  string
	change  func(*oci.Spec)
	runtime string // runtime.json
}

// add writes a bundle, and returns where it will be.
func (m *machine) add(name string, b bundle) string {
	m.t.Helper()
	dir := "/containers/onboot/" + m.name + "-" + name
	kegtest.Populate(m.t, m.path(dir+"/rootfs"))
	s := config(b.script)
	if b.change != nil {
		b.change(s)
	}
	data, err := json.Marshal(s)
	m.must(err)
	m.write(dir+"/config.json", data)
	if b.runtime != "" {
		m.write(dir+"/runtime.json", []byte(strings.ReplaceAll(b.runtime, "{dir}", dir)))
	}
	return dir
}

// config: the host's namespaces but for pid and mount, no capabilities, binds of
// the system's own directories.
func config(script string) *oci.Spec {
	bind := []string{"rw", "rbind", "rshared"}
	none := []string{}
	return &oci.Spec{
		Version: "1.0.0",
		Root:    &oci.Root{Path: "rootfs"},
		Process: &oci.Process{
			Args: []string{"sh", "-c", script}, Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, Cwd: "/",
			Capabilities: &oci.LinuxCapabilities{Bounding: none, Effective: none, Inheritable: none, Permitted: none, Ambient: none},
		},
		Mounts: []oci.Mount{
			{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
			{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}},
			{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "nodev", "noexec", "relatime"}},
			{Destination: "/run", Type: "bind", Source: "/run", Options: bind},
			{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev"}},
			{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: []string{"nosuid", "noexec", "nodev", "relatime", "ro"}},
		},
		Linux: &oci.Linux{
			Namespaces:  []oci.LinuxNamespace{{Type: oci.PIDNamespace}, {Type: oci.MountNamespace}},
			Resources:   &oci.LinuxResources{Devices: []oci.LinuxDeviceCgroup{{Allow: false, Access: "rwm"}}},
			MaskedPaths: none, ReadonlyPaths: none, Sysctl: map[string]string{},
		},
		Annotations: map[string]string{},
	}
}

// move makes a directory / for good, as switch_root does: unlike the root of an
// initramfs, it is a mount that pivot_root can leave.
const move = `
mount -t "$2" none "$1/new"
cp -a "$1/root/." "$1/new/"
mount -t proc proc "$1/new/proc"
mount --rbind /sys "$1/new/sys"
mount --rbind /dev "$1/new/dev"
mount -t tmpfs tmpfs "$1/new/run"
mount -t tmpfs tmpfs "$1/new/tmp"
cd "$1/new"
mount --move . /
shift 2
exec chroot . sh -ec 'mount --make-rshared /; exec /usr/bin/service "$@"' sh "$@"
`

// boot runs the bundles on a root of a type of file system.
func (m *machine) boot(fs string, flags ...string) []result {
	m.t.Helper()
	m.must(os.MkdirAll(m.dir+"/new", 0o755))
	args := append([]string{"--mount", "--propagation", "private", "sh", "-euc", move, "sh", m.dir, fs}, flags...)
	r := kegtest.Finish(m.t, exec.Command("unshare", append(args, "/containers/onboot")...))
	if r.Code != 0 {
		m.t.Fatalf("exit status %d: %s%s", r.Code, r.Stdout, r.Stderr)
	}
	var results []result
	for d := json.NewDecoder(strings.NewReader(r.Stdout)); d.More(); {
		var one result
		m.must(d.Decode(&one))
		one.Name = strings.TrimPrefix(one.Name, m.name+"-")
		results = append(results, one)
	}
	return results
}

// prints runs a machine with one bundle, whose program ends with 0.
func (m *machine) prints(want string) {
	m.t.Helper()
	r := m.boot("tmpfs")
	if last := r[len(r)-1]; last.Failed != "" || last.Exit != 0 || last.Out != want || last.Err != "" {
		m.t.Errorf("%+v, want the output %q", r, want)
	}
}
