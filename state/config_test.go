package state

import (
	"errors"
	"io/fs"
	"testing"
)

// Who reads a container's files while another removes it learns just that; a
// config.json that is missing for no such reason is an error of its own.
func TestConfigOfRemoved(t *testing.T) {
	d := create(t, t.TempDir(), "box")
	if err := errors.Join(d.WriteConfig(nil), d.Write(example), d.Unlink(configFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Config(); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNotExist) {
		t.Errorf("of a container that is there: %v", err)
	}
	if err := d.Unlink(stateFile); err != nil {
		t.Fatal(err)
	}
	checkError(t, second(d.Config()), ErrNotExist, `container "box" does not exist`)
}
