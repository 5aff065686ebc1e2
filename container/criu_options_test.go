package container

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keg-project/keg/criu"
	"github.com/keg-project/keg/linux"
	"github.com/keg-project/keg/plan"
)

// CRIU gets the namespaces that were looked at, whatever lies at their paths by then.
func TestJoinNamespaces(t *testing.T) {
	dir := t.TempDir()
	var list []plan.Joined
	for _, kind := range []uint64{linux.CLONE_NEWNET, linux.CLONE_NEWUTS} {
		path := filepath.Join(dir, namespaceFile(kind))
		if err := os.Symlink("/proc/self/ns/"+namespaceFile(kind), path); err != nil {
			t.Fatal(err)
		}
		list = append(list, plan.Joined{Field: "f", Path: path, Kind: kind})
	}
	var c criu.Options
	files, err := joinNamespaces(&c, list)
	if err != nil || len(files) != 2 || len(c.Join) != 1 || len(c.Inherit) != 1 {
		t.Fatalf("%v, %d files, %+v, %+v", err, len(files), c.Join, c.Inherit)
	}
	defer c.Inherit[0].File.Close()
	for _, f := range files {
		defer f.Close()
	}
	if err := os.Remove(filepath.Join(dir, "uts")); err != nil {
		t.Fatal(err)
	}
	got, err := os.Readlink(c.Join[0].Path)
	want, _ := os.Readlink("/proc/self/ns/uts")
	if err != nil || got != want || !strings.HasPrefix(c.Join[0].Path, fmt.Sprintf("/proc/%d/fd/", os.Getpid())) {
		t.Errorf("%s leads to %s, want %s, %v", c.Join[0].Path, got, want, err)
	}

	list[1].Path = "/proc/self/ns/ipc"
	c = criu.Options{}
	files, err = joinNamespaces(&c, list)
	for _, f := range files {
		f.Close()
	}
	for _, in := range c.Inherit {
		in.File.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "f: /proc/self/ns/ipc is a namespace of another type") {
		t.Errorf("got %v", err)
	}
}

// A directory that was looked at is not another one when CRIU gets it.
func TestOpenAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x")
	var im images
	var err error
	if im.dir, err = openDir("", name, true); err == nil {
		im.work, err = openDir("", name, true)
	}
	if err == nil {
		err = im.openAgain()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer im.close()
	if err := os.Rename(name, name+".old"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := im.openAgain(); err == nil || !strings.Contains(err.Error(), "is another directory by now") {
		t.Errorf("got %v", err)
	}
}
