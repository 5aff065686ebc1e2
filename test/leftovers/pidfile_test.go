package leftovers

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// A keg killed while it wrote the pid file has left it under another name.
func TestTemporaryPidFile(t *testing.T) {
	b := kegtest.NewBundle(t, "true")
	b.Write()
	if r := b.Keg("create", "--bundle", b.Dir, "--pid-file", filepath.Join(b.Dir, "pid"), b.ID()); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	temp := filepath.Join(b.Dir, ".pid.keg-"+b.ID())
	if err := os.WriteFile(temp, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
		t.Fatalf("%+v", r)
	}
	if _, err := os.Stat(temp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", temp, err)
	}
	if _, err := os.Stat(filepath.Join(b.Dir, "pid")); err != nil {
		t.Errorf("the pid file is the engine's: %v", err)
	}
}
