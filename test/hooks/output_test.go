package hooks

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// The file that hooks print to stays its owner's, also when one of them runs as
// the container's user; without it, that user can open its own /dev/stderr.
func TestOutputOwner(t *testing.T) {
	kegtest.NeedRoot(t)
	s := newScene(t, "true")
	s.Spec.Process.User = oci.User{UID: 1000, GID: 1000}
	log := filepath.Join(kegtest.TempDir(t), "log")
	s.Spec.Annotations = map[string]string{"run.oci.hooks.stdout": log}
	s.hooks("echo KIND; echo error > /proc/self/fd/2")
	s.Output()
	text, err := os.ReadFile(log)
	if want := "prestart\ncreateRuntime\ncreateContainer\nstartContainer\npoststart\npoststop\n"; err != nil || string(text) != want {
		t.Errorf("%q, %v", text, err)
	}
	info, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); st.Uid != 0 || info.Mode() != 0o600 {
		t.Errorf("owner %d, mode %v", st.Uid, info.Mode())
	}
}
