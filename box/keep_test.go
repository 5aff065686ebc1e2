package box

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestKeep(t *testing.T) {
	fill := func(dir string) error { return os.WriteFile(filepath.Join(dir, "filled"), nil, 0o600) }
	for _, tc := range []struct {
		name   string
		before []string // nil: missing
		want   []string
	}{
		{"missing", nil, []string{"filled"}},
		{"empty", []string{}, []string{"filled"}},
		{"in use", []string{"mine"}, []string{"mine"}},
		{"half filled", []string{incomplete, "stale"}, []string{"filled"}},
	} {
		dir := filepath.Join(t.TempDir(), "box")
		if tc.before != nil {
			os.Mkdir(dir, 0o755)
		}
		for _, f := range tc.before {
			os.WriteFile(filepath.Join(dir, f), nil, 0o600)
		}
		r, err := keptRoot(dir, fill)
		if err != nil || r.path != dir || r.throwAway {
			t.Errorf("%s: %+v, %v", tc.name, r, err)
		}
		if got := names(t, dir); !slices.Equal(got, tc.want) {
			t.Errorf("%s: holds %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestKeepThatFails(t *testing.T) {
	dir := t.TempDir()
	_, err := keptRoot(dir, func(dir string) error {
		os.WriteFile(filepath.Join(dir, "half"), nil, 0o600)
		return errors.New("disk full")
	})
	if err == nil || !strings.Contains(err.Error(), "--keep "+dir+": disk full") {
		t.Error(err)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("left %v", got)
	}
	if _, err := keptRoot("/proc/nowhere/box", nil); err == nil {
		t.Error("a directory that cannot be made was accepted")
	}
}

func TestContradictions(t *testing.T) {
	dir := t.TempDir()
	for _, o := range []Options{
		{Host: true, Root: "x"}, {Host: true, Keep: "x"}, {Net: "bridge"},
		{Root: dir, Keep: dir}, {Root: filepath.Join(dir, "missing")}, {Root: "/dev/null"},
	} {
		if _, err := Run(o); err == nil {
			t.Errorf("%+v: accepted", o)
		}
	}
}
