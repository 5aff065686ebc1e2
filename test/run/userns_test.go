package run

import (
	"os"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// subordinate is where the ids of root's user namespaces begin.
const subordinate = 100000

// userBundle is a bundle with a user namespace: an ordinary user's has one
// already, root's gets subordinate ids.
func userBundle(t *testing.T, script string, mounts ...oci.Mount) *kegtest.Bundle {
	t.Helper()
	b := bundle(t, script, mounts...)
	if os.Geteuid() != 0 {
		return b
	}
	maps := []oci.LinuxIDMapping{{HostID: subordinate, Size: 65536}}
	b.Spec.Linux.Namespaces = append(b.Spec.Linux.Namespaces, oci.LinuxNamespace{Type: oci.UserNamespace})
	b.Spec.Linux.UIDMappings, b.Spec.Linux.GIDMappings = maps, maps
	if err := os.Chown(b.Dir+"/rootfs", subordinate, subordinate); err != nil {
		t.Fatal(err)
	}
	return b
}

// A directory that the container's root may not enter is one nevertheless.
func TestBindClosedDirectory(t *testing.T) {
	b := userBundle(t, "test -d /new && stat -c %a /new", bind("closed", "/new"))
	must(t, os.Mkdir(b.Dir+"/closed", 0o700))
	wantOutput(t, b, "700\n")
}
