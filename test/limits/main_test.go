// Package limits tests linux.resources by their effect: what a process can no
// longer do, not what is in a file of a cgroup.
package limits

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// limited is a bundle of root's whose container runs a script under limits.
func limited(t *testing.T, r oci.LinuxResources, script string) *kegtest.Bundle {
	t.Helper()
	kegtest.NeedRoot(t)
	b := kegtest.NewBundle(t, "sh", "-c", script)
	r.Devices = b.Spec.Linux.Resources.Devices
	b.Spec.Linux.Resources = &r
	return b
}
