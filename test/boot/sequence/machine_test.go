// Package sequence runs trees of LinuxKit's bundles with keg boot, in mount and
// network namespaces of the test's own.
package sequence

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// machine is a directory with a tree of bundles, and a script's surroundings.
type machine struct {
	t    testing.TB
	dir  string
	name string // begins the names of bundles, and so of containers and cgroups
}

// newMachine has one image, which all bundles share, as LinuxKit's do that are
// made of the same one.
func newMachine(t testing.TB) *machine {
	t.Helper()
	kegtest.NeedRoot(t)
	dir := kegtest.TempDir(t)
	m := &machine{t: t, dir: dir, name: filepath.Base(dir)}
	kegtest.Populate(t, m.path("image"))
	m.must(os.MkdirAll(m.path("onboot"), 0o755))
	return m
}

func (m *machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) path(name string) string { return filepath.Join(m.dir, name) }

// bundle is one as LinuxKit's tool writes it.
type bundle struct {
	script   string
	readonly bool
	change   func(*oci.Spec)
	runtime  runtime
	tree     string // "": onboot
}

// runtime is what the test writes into runtime.json, whose root mounts the
// machine adds.
type runtime map[string]any

// add writes a bundle and returns its directory.
func (m *machine) add(name string, b bundle) string {
	m.t.Helper()
	if b.tree == "" {
		b.tree = "onboot"
	}
	dir := m.path(b.tree + "/" + m.name + "-" + name)
	for _, d := range []string{"rootfs", "tmp"} {
		m.must(os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	s := config(b.script)
	s.Root.Readonly = b.readonly
	if b.change != nil {
		b.change(s)
	}
	m.writeJSON(filepath.Join(dir, "config.json"), s)
	if b.runtime == nil {
		b.runtime = runtime{}
	}
	mounts, _ := b.runtime["mounts"].([]any)
	b.runtime["mounts"] = append(m.rootMounts(dir, b.readonly), mounts...)
	m.writeJSON(filepath.Join(dir, "runtime.json"), b.runtime)
	return dir
}

// rootMounts are those that LinuxKit's tool puts in front of the user's.
func (m *machine) rootMounts(dir string, readonly bool) []any {
	if readonly {
		return []any{mount("bind", m.path("image"), dir+"/rootfs", "bind")}
	}
	return []any{
		mount("tmpfs", "tmpfs", dir+"/tmp"),
		mount("", "", dir+"/tmp", "remount", "private"),
		mount("overlay", "overlay", dir+"/rootfs", "lowerdir="+m.path("image"), "upperdir="+dir+"/tmp/upper", "workdir="+dir+"/tmp/work"),
	}
}

func mount(kind, source, destination string, options ...string) map[string]any {
	return map[string]any{"type": kind, "source": source, "destination": destination, "options": options}
}

func (m *machine) writeJSON(file string, v any) {
	m.t.Helper()
	data, err := json.Marshal(v)
	m.must(err)
	m.must(os.WriteFile(file, data, 0o644))
}

// config: the host's namespaces but for pid and mount, few mounts, one capability.
func config(script string) *oci.Spec {
	caps := []string{"CAP_NET_ADMIN", "CAP_SYS_ADMIN"}
	return &oci.Spec{
		Version: "1.0.0",
		Root:    &oci.Root{Path: "rootfs"},
		Process: &oci.Process{
			Args: []string{"sh", "-c", script}, Env: []string{"PATH=/bin"}, Cwd: "/",
			Capabilities: &oci.LinuxCapabilities{Bounding: caps, Effective: caps, Permitted: caps},
		},
		Mounts: []oci.Mount{
			{Destination: "/dev", Type: "tmpfs", Source: "tmpfs"},
			{Destination: "/proc", Type: "proc", Source: "proc"},
			{Destination: "/sys", Type: "sysfs", Source: "sysfs"},
			{Destination: "/run", Type: "bind", Source: "/run", Options: []string{"rw", "rbind", "rshared"}},
		},
		Linux: &oci.Linux{Namespaces: []oci.LinuxNamespace{{Type: oci.PIDNamespace}, {Type: oci.MountNamespace}}},
	}
}

// without takes a namespace away.
func hostPids(s *oci.Spec) {
	s.Linux.Namespaces = []oci.LinuxNamespace{{Type: oci.MountNamespace}}
}

func ownNetwork(s *oci.Spec) {
	s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.NetworkNamespace})
}

// surroundings are as LinuxKit's machine has them: / is shared, /run and /var/log
// are empty. left says what there is of mounts, links, containers and cgroups of
// this machine's.
const surroundings = `
mount -t tmpfs run /run
mount -t tmpfs log /var/log
ip link set lo up
mount --make-rshared /
dir=$1 name=$2 keg=$3
boot() { what=$1; shift; "$keg" boot "$what" --dir "$dir/$what" "$@"; }
gone() { for n in $(seq 1000); do pkill -0 -fx "sleep $1" >/dev/null || { echo gone; return; }; sleep 0.05; done; echo "sleep $1 is left"; }
left() {
	grep -c " $dir/" /proc/self/mountinfo
	ip -o link | grep -vc ': lo:'
	"$keg" list -q | wc -l
	find /sys/fs/cgroup -type d -name "$name*" 2>/dev/null | wc -l
}
`

// run runs a script on the machine.
func (m *machine) run(script string) kegtest.Result {
	m.t.Helper()
	return kegtest.Finish(m.t, exec.Command("unshare", "--mount", "--net", "--propagation", "private",
		"sh", "-uc", surroundings+script, "sh", m.dir, m.name, kegtest.Keg(m.t)))
}

// output is what a script prints that succeeds, with the machine's own names
// taken out.
func (m *machine) output(script string) string {
	m.t.Helper()
	r := m.run(script)
	if r.Code != 0 {
		m.t.Fatalf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	return m.plain(r.Stdout)
}

func (m *machine) plain(text string) string {
	return strings.NewReplacer(m.name+"-", "", m.dir, "DIR").Replace(text)
}

// table takes the columns' width and the times out of keg's table.
func (m *machine) table(text string) string {
	var b strings.Builder
	for line := range strings.Lines(m.plain(text)) {
		words := strings.Fields(line)
		if n := len(words) - 1; n > 0 && strings.HasSuffix(words[n], "s") {
			words = words[:n]
		}
		b.WriteString(strings.Join(words, " ") + "\n")
	}
	return b.String()
}

// result is one of keg's --json.
type result struct {
	Name        string
	ExitStatus  *int
	Error       string
	Skipped     bool
	LeftRunning int
}

// results runs a script whose output are results.
func (m *machine) results(script string) ([]result, kegtest.Result) {
	m.t.Helper()
	r := m.run(script)
	var list []result
	if err := json.Unmarshal([]byte(r.Stdout), &list); err != nil {
		m.t.Fatalf("%v: %d %s%s", err, r.Code, r.Stdout, r.Stderr)
	}
	for i := range list {
		list[i].Name, list[i].Error = m.plain(list[i].Name), m.plain(list[i].Error)
	}
	return list, r
}
