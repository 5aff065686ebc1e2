package resctrl

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUpdate(t *testing.T) {
	root := t.TempDir()
	g := Group{Dir: filepath.Join(root, "box"), Own: true}
	if err := os.Mkdir(g.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const before = "    L3:0=f;1=f\n    MB:0=70\n"
	fill(t, g.Dir, before)
	undo, err := g.Update(root, []string{"L3:0=3", "MB:0=20"})
	if err != nil {
		t.Fatal(err)
	}
	// One write, over what was there: the kernel's file would be written anew.
	if got := read(t, filepath.Join(g.Dir, "schemata")); !strings.HasPrefix(got, "L3:0=3\nMB:0=20\n") {
		t.Errorf("schemata %q", got)
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(g.Dir, "schemata")); got != before {
		t.Errorf("schemata %q", got)
	}
}

// A group that others share is not changed for one container.
func TestUpdateLeavesOthersGroups(t *testing.T) {
	g := Group{Dir: filepath.Join(t.TempDir(), "gold")}
	if err := os.Mkdir(g.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	fill(t, g.Dir, "L3:0=f\n")
	for _, g := range []Group{g, {}} {
		if _, err := g.Update("", []string{"L3:0=3"}); err == nil || !strings.Contains(err.Error(), "no group of its own") {
			t.Errorf("%+v: %v", g, err)
		}
	}
	if got := read(t, filepath.Join(g.Dir, "schemata")); got != "L3:0=f\n" {
		t.Errorf("schemata %q", got)
	}
	gone := Group{Dir: filepath.Join(t.TempDir(), "gone"), Own: true}
	if _, err := gone.Update("", []string{"L3:0=3"}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
