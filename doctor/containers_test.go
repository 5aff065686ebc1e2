package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/keg-project/keg/state"
)

// record makes the state of a container.
func record(t *testing.T, root, id string, s state.State) {
	t.Helper()
	d, err := state.Create(root, id)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s.ID = id
	if err := errors.Join(d.WriteConfig([]byte("{}")), d.Write(s)); err != nil {
		t.Fatal(err)
	}
}

func TestContainers(t *testing.T) {
	root := t.TempDir()
	start, err := state.StartTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	alive := state.State{Pid: os.Getpid(), StartTime: start}
	record(t, root, "alive", alive)
	record(t, root, "ended", state.State{Pid: os.Getpid(), StartTime: start + 1})
	alive.Cgroups = []state.Cgroup{{Mount: "/sys/fs/cgroup/none", Path: "/of/this/name"}}
	record(t, root, "lost", alive)
	record(t, root, "torn", state.State{})
	for _, err := range []error{
		os.WriteFile(filepath.Join(root, "torn", "state.json"), []byte(`{"ver`), 0o600),
		os.Mkdir(filepath.Join(root, "half"), 0o700),
		os.Mkdir(filepath.Join(root, ".no id"), 0o700),
		os.WriteFile(filepath.Join(root, "file"), nil, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	del := "keg --root " + root + " delete "
	check(t, examineContainers(&machine{Options: Options{StateRoot: root}}),
		want{"recorded", OK, "5 containers in " + root, ""},
		want{"ended", Note, "has ended", del + "ended"},
		want{"half", Warning, "killed while making", del + "-f half"},
		want{"lost", Warning, "/sys/fs/cgroup/none/of/this/name was removed", del + "-f lost"},
		want{"torn", Warning, "damaged", del + "-f torn"})
}

func TestNoContainers(t *testing.T) {
	root := t.TempDir()
	check(t, examineContainers(&machine{Options: Options{StateRoot: root + "/none"}}), want{"recorded", OK, "0 containers", ""})
	check(t, containerFacts{root: "/r", err: os.ErrPermission}.findings(), want{"recorded", Error, "permission denied", "--root"})
}
