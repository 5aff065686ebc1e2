package box

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/spec"
)

var update = flag.Bool("update", false, "write the golden files")

func environ(list ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, e := range list {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v, true
			}
		}
		return "", false
	}
}

var (
	asRoot = caller{uidMap: "         0          0 4294967295\n", gidMap: "0 0 4294967295\n", env: environ("TERM=xterm", "PATH=/evil", "SECRET=x"), workdir: "/work", resolvConf: "/run/resolv.conf"}
	asUser = caller{uid: 1000, gid: 100, subuid: []idRange{{100000, 65536}, {300000, 10}}, subgid: []idRange{{200000, 65536}}, env: environ("TERM=xterm", "LANG=C.UTF-8"), workdir: "/work"}
	alone  = caller{uid: 1000, gid: 100, subuid: []idRange{{100000, 65536}}, env: environ(), workdir: "/"}
)

// TestGolden pins what is handed to the runtime: testdata/NAME.json.
func TestGolden(t *testing.T) {
	dir := namesRoot(t)
	for _, tc := range []struct {
		name string
		root root
		o    Options
		c    caller
	}{
		{"root", root{path: "/cache/box", names: dir, throwAway: true}, Options{}, asRoot},
		{"user", root{path: "/cache/box", names: dir, throwAway: true}, Options{Command: []string{"id"}, Env: []string{"A=1", "LANG", "NONE"}}, asUser},
		{"alone", root{path: "/cache/box", names: dir, throwAway: true}, Options{}, alone},
		{"host", root{path: "/cache/host", names: dir, throwAway: true, mounts: hostMounts()}, Options{Host: true, ReadOnly: true, Hostname: "h"}, asUser},
		{"all", root{path: "/srv/dir", names: dir}, Options{Net: "host", ReadOnly: true, User: "alice", Workdir: "/data", Hostname: "h", Volumes: []string{"/usr:/mnt:ro"}, Env: []string{"PATH=/bin"}}, asRoot},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := compose(tc.root, &tc.o, &tc.c)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(s, "", "\t")
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join("testdata", tc.name+".json"), append(got, '\n'))
			decoded, err := spec.Decode(got)
			if err != nil {
				t.Fatalf("keg does not read its own config.json: %v", err)
			}
			if err := spec.Validate(decoded); err != nil {
				t.Errorf("keg refuses its own config.json: %v", err)
			}
		})
	}
}

func hostMounts() []specs.Mount {
	var h hostCopy
	h.addDirectory("/nonexistent:usr", 1)
	h.bindReadOnly("/nonexistent/file")
	return h.mounts
}

func compareGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		os.MkdirAll(filepath.Dir(file), 0o755)
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-update writes it):\n%s", file, got)
	}
}

func TestNamespaces(t *testing.T) {
	if n := namespaces(false); len(n) != 8 {
		t.Errorf("%d namespaces, want all eight", len(n))
	}
	if n := namespaces(true); len(n) != 7 || slices.Contains(n, specs.LinuxNamespace{Type: specs.NetworkNamespace}) {
		t.Errorf("host network: %v", n)
	}
}

func TestIdentityMapInsideAContainer(t *testing.T) {
	got, err := identityMap("0 100000 65536\n70000 300000 1\n")
	want := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 0, Size: 65536}, {ContainerID: 70000, HostID: 70000, Size: 1}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

// With CAP_SYS_ADMIN, root in the box could take the masks off /proc, and uid 0
// of this machine may write what is below them.
func TestNoRemountingCapabilities(t *testing.T) {
	for _, uid := range []uint32{0, 1} {
		c := capabilities(uid)
		for _, set := range [][]string{c.Bounding, c.Effective, c.Permitted, c.Inheritable, c.Ambient} {
			if slices.Contains(set, "CAP_SYS_ADMIN") || slices.Contains(set, "CAP_SYS_PTRACE") {
				t.Errorf("uid %d: %v", uid, set)
			}
		}
		if uid != 0 && len(c.Effective)+len(c.Permitted) > 0 {
			t.Error("an ordinary user inside has capabilities")
		}
	}
}

func TestEnvironment(t *testing.T) {
	got := environment([]string{"HOME=/x", "A=1", "A=2", "B", "LANG", "EMPTY="}, "/root", environ("TERM=vt100", "B=b=c", "LANG=C"))
	want := []string{"PATH=" + searchPath, "TERM=vt100", "HOME=/x", "A=2", "B=b=c", "LANG=C", "EMPTY="}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestNewID(t *testing.T) {
	id := newID()
	if len(id) != 12 || !strings.HasPrefix(id, "shell-") || strings.Trim(id[6:], "abcdefghijklmnopqrstuvwxyz") != "" || id == newID() {
		t.Error(id)
	}
}
