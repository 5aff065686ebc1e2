// Package limits tests linux.resources by their effect: what a process can no
// longer do, not what is in a file of a cgroup.
package limits

import (
	"testing"
	"time"

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

// eventually waits until something is so.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after a minute it is not so that %s", what)
		}
	}
}
