package resctrl

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
)

// The tests below work on a plain directory: no machine that keg is tested on
// has resctrl. There, the kernel fills a new group with its files; here they do.

func fill(t *testing.T, dir, schemata string) {
	t.Helper()
	for name, text := range map[string]string{"tasks": "", "schemata": schemata} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPlan(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "gold/mon_groups/busy"), 0o755); err != nil {
		t.Fatal(err)
	}
	some := []string{"L3:0=f"}
	for _, tt := range []struct {
		config Config
		want   Group
		err    error
	}{
		{Config{ID: "box"}, Group{Dir: "box", Own: true}, nil},
		{Config{ID: "box", Monitor: true}, Group{Dir: "box", Monitor: "box/mon_groups/box", Own: true}, nil},
		{Config{ID: "box", Class: "gold"}, Group{Dir: "gold"}, nil},
		{Config{ID: "box", Class: "gold", Monitor: true}, Group{Dir: "gold", Monitor: "gold/mon_groups/box"}, nil},
		{Config{ID: "box", Class: "/"}, Group{Dir: ""}, nil},
		{Config{ID: "box", Class: "silver", Schemata: some}, Group{Dir: "silver"}, nil},
		{Config{ID: "box", Class: "silver"}, Group{}, os.ErrNotExist},
		{Config{ID: "gold"}, Group{}, syscall.EEXIST},
		{Config{ID: "busy", Class: "gold", Monitor: true}, Group{}, syscall.EEXIST},
	} {
		got, err := Plan(root, tt.config)
		if !errors.Is(err, tt.err) {
			t.Errorf("%+v: %v, want %v", tt.config, err, tt.err)
			continue
		}
		got.Dir, got.Monitor = strings.TrimPrefix(strings.TrimPrefix(got.Dir, root), "/"), strings.TrimPrefix(strings.TrimPrefix(got.Monitor, root), "/")
		if got != tt.want {
			t.Errorf("%+v: %+v, want %+v", tt.config, got, tt.want)
		}
	}
}

// A new group gets its lines, and is gone again if one is refused: here, since
// no kernel has put the file there.
func TestMakeLeavesNothing(t *testing.T) {
	g := Group{Dir: filepath.Join(t.TempDir(), "box"), Own: true}
	if err := g.Make(filepath.Dir(g.Dir), []string{"L3:0=f"}); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), `schema "L3:0=f": open `) {
		t.Error(err)
	}
	if _, err := os.Stat(g.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	g.Monitor = filepath.Join(g.Dir, "mon_groups/box")
	if err := g.Make(filepath.Dir(g.Dir), nil); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "enableMonitoring: ") {
		t.Error(err)
	}
	if _, err := os.Stat(g.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestLife(t *testing.T) {
	root := t.TempDir()
	g := Group{Dir: filepath.Join(root, "box"), Monitor: filepath.Join(root, "box/mon_groups/box"), Own: true}
	if err := os.MkdirAll(g.Monitor, 0o755); err != nil {
		t.Fatal(err)
	}
	fill(t, g.Dir, "")
	fill(t, g.Monitor, "")
	if err := g.write(root, []string{"L3:0=f", "MB:0=50"}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(g.Dir, "schemata")); got != "MB:0=50\n" { // the kernel's file keeps both
		t.Errorf("schemata %q", got)
	}
	if err := g.Join(42); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(g.Dir, "tasks")) + " " + read(t, filepath.Join(g.Monitor, "tasks")); got != "42 42" {
		t.Errorf("tasks %q", got)
	}
	if err := g.Remove(); !errors.Is(err, syscall.ENOTEMPTY) { // the kernel's groups go with their files
		t.Error(err)
	}
	for _, dir := range []string{g.Dir, g.Monitor} {
		os.Remove(filepath.Join(dir, "tasks"))
		os.Remove(filepath.Join(dir, "schemata"))
	}
	os.Remove(g.Monitor)
	os.Remove(filepath.Dir(g.Monitor))
	if err := g.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(g.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := g.Remove(); err != nil {
		t.Error("removed twice:", err)
	}
}

// A group that others made stays.
func TestRemoveLeavesOthersGroups(t *testing.T) {
	g := Group{Dir: filepath.Join(t.TempDir(), "gold")}
	if err := os.Mkdir(g.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := g.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(g.Dir); err != nil {
		t.Error(err)
	}
}

func TestCompare(t *testing.T) {
	g := Group{Dir: filepath.Join(t.TempDir(), "gold")}
	if err := os.Mkdir(g.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	fill(t, g.Dir, "    L3:0=0fff;1=00ff\n    MB:0= 70;1=100\n")
	for line, same := range map[string]bool{
		"L3:0=fff;1=ff": true, "L3:1=FF": true, "MB:0=70": true, "MB:1=100;0=070": true,
		"L3:0=ff": false, "MB:0=7": false, "L2:0=f": false, "L3:2=ff": false, "L3": false,
	} {
		if err := g.Make("", []string{line}); (err == nil) != same {
			t.Errorf("%s: %v", line, err)
		}
	}
	if err := g.Make("", nil); err != nil {
		t.Error(err)
	}
}

func TestFind(t *testing.T) {
	const mounts = "23 28 0:21 / /sys rw - sysfs sysfs rw\n" +
		"99 23 0:50 / /mnt/re\\040sctrl rw,relatime shared:9 - resctrl resctrl rw\n"
	if got, err := find(linux.ParseMounts(mounts)); got != "/mnt/re sctrl" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := find(linux.ParseMounts("23 28 0:21 / /resctrl rw - tmpfs resctrl rw\n")); got != "" || err != ErrNotMounted {
		t.Errorf("%q, %v", got, err)
	}
}

// The kernel's own words about a write go with the error.
func TestLastStatus(t *testing.T) {
	root := t.TempDir()
	if got := lastStatus(root); got != "" {
		t.Errorf("%q", got)
	}
	if err := os.Mkdir(filepath.Join(root, "info"), 0o755); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"ok\n": "", "Mask f0f has non-consecutive 1-bits\n": " (the kernel says: Mask f0f has non-consecutive 1-bits)"} {
		if err := os.WriteFile(filepath.Join(root, "info/last_cmd_status"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := lastStatus(root); got != want {
			t.Errorf("%q", got)
		}
	}
}
