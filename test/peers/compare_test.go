package peers

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

var docs = flag.Bool("docs", false, "write docs/cgroup-differences.md")

func TestMain(m *testing.M) { kegtest.Main(m) }

// What stands for a file among a container's settings, when it is none.
const (
	created = "create"  // or that it was refused
	device  = "device " // a device's kind and number: what may be done with it
	absent  = "no such file"
)

// TestCompare creates a container of every configuration with every runtime.
// Each difference is in the table, and everything in the table occurs.
func TestCompare(t *testing.T) {
	kegtest.NeedRoot(t)
	all := runtimes(t)
	for _, r := range all {
		t.Log(r.version(t))
	}
	nodes, disk := makeNodes(t), disk(t)
	spent := map[string]time.Duration{}
	used := map[int]bool{}
	list := chosen()
	t.Logf("%d of %d configurations", len(list), len(configs))
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			write(t, all[0].bundle, strings.ReplaceAll(c.resources, "DISK", disk))
			seen := map[string]map[string]string{}
			for _, r := range all {
				begin := time.Now()
				seen[r.name] = observe(t, r, nodes)
				spent[r.name] += time.Since(begin)
			}
			for _, peer := range all[1:] {
				compare(t, c, peer.name, seen["keg"], seen[peer.name], used)
			}
		})
	}
	t.Log(spent)
	if !t.Failed() && len(list) == len(configs) {
		needed(t, used)
	}
}

// chosen are the configurations that are compared: all, and on a slow machine
// those that engines write, those for devices, and some of the others.
func chosen() []config {
	var list []config
	next := kegtest.OneIn(5)
	for _, c := range configs {
		if strings.Contains(c.resources, `"devices"`) || next() {
			list = append(list, c)
		}
	}
	return list
}

// write writes a configuration as small as the runtimes take.
func write(t *testing.T, b *kegtest.Bundle, resources string) {
	t.Helper()
	s := b.Spec
	s.Linux = &oci.Linux{Namespaces: []oci.LinuxNamespace{{Type: oci.PIDNamespace}, {Type: oci.MountNamespace}}}
	s.Mounts = []oci.Mount{
		{Type: "proc", Source: "proc", Destination: "/proc"},
		{Type: "tmpfs", Source: "tmpfs", Destination: "/dev"}, // the bundle's file system may be nodev
	}
	s.Version = "1.0.2" // the peers here know no later one
	s.Hostname = ""
	s.Linux.CgroupsPath = "CGROUP"
	s.Linux.Resources = &oci.LinuxResources{}
	b.Write()
	text, err := os.ReadFile(filepath.Join(b.Dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		t.Fatal(err)
	}
	whole := strings.Replace(compact.String(), `"resources":{}`, `"resources":`+resources, 1)
	if err := os.WriteFile(filepath.Join(b.Dir, "config.json.in"), []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
}

// observe creates the container, and tells what its cgroup is set to.
func observe(t *testing.T, r runtime, nodes string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.bundle.Dir, "config.json.in"))
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`"CGROUP"`), []byte(`"`+r.cgroup()+`"`), 1)
	if err := os.WriteFile(filepath.Join(r.bundle.Dir, "config.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	defer r.remove(t)
	if result := r.create(t); result.Code != 0 {
		return map[string]string{created: "refused: " + message(result.Stderr)}
	}
	found := settings(r.cgroup())
	if len(found) == 0 {
		t.Fatalf("%s: no cgroup %s", r.name, r.cgroup())
	}
	found[created] = "created"
	devices(t, found, nodes, r.cgroup())
	return found
}

// message is the last line, without what logging has put around it.
func message(stderr string) string {
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	last := lines[len(lines)-1]
	if _, text, ok := strings.Cut(last, "container process: "); ok {
		last = text
	}
	return last
}

// compare reports the differences that are in no row, and notes the rows that
// are used.
func compare(t *testing.T, c config, peer string, keg, theirs map[string]string, used map[int]bool) {
	t.Helper()
	if refused(keg) && refused(theirs) {
		return
	}
	if refused(keg) != refused(theirs) {
		keg, theirs = only(keg, created), only(theirs, created)
	}
	names := maps.Clone(keg)
	maps.Copy(names, theirs)
	for _, file := range slices.Sorted(maps.Keys(names)) {
		ours, other := value(keg, file), value(theirs, file)
		if ours == other {
			continue
		}
		if row := find(peer, c.name, file); row >= 0 {
			used[row] = true
			continue
		}
		t.Errorf("%s: keg %q, %s %q", file, ours, peer, other)
	}
}

func refused(found map[string]string) bool { return found[created] != "created" }

func only(found map[string]string, name string) map[string]string {
	return map[string]string{name: found[name]}
}

func value(found map[string]string, file string) string {
	if v, ok := found[file]; ok {
		return v
	}
	return absent
}

// disk is a disk's number, as a member of JSON: "254,"minor":0".
func disk(t *testing.T) string {
	t.Helper()
	numbers, _ := filepath.Glob("/sys/block/[vsn][dv]*/dev")
	if len(numbers) == 0 {
		t.Fatal("no disk here")
	}
	return strings.Replace(content(numbers[0]), ":", `,"minor":`, 1)
}
