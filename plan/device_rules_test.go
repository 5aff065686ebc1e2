package plan

import (
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/devices"
)

// Where no rule can be enforced, it depends on the container's namespaces
// whether that does harm.
func TestDevicesNotEnforced(t *testing.T) {
	for _, tt := range []struct {
		config       string
		mknod        bool
		warning, err string
	}{
		{"create", true, "", "linux.resources.devices: cannot be enforced: neither"},
		{"create", false, "linux.resources.devices: not enforced: neither", ""},
		{"userns", true, "linux.resources.devices: not enforced: neither", ""},
	} {
		in := input(t, "testdata/"+tt.config+"/config.json")
		in.Host.Devices, in.Host.Mknod = devices.Facts{Privileged: true}, tt.mknod
		in.Spec.Linux.Resources = &oci.LinuxResources{Devices: []oci.LinuxDeviceCgroup{{Access: "rwm"}}}
		p, err := Compile(in)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if !strings.HasPrefix(strings.Join(p.Warnings, "\n"), tt.warning) || !strings.HasPrefix(message, tt.err) || (tt.err == "") != (err == nil) {
			t.Errorf("%+v: %q, %v", tt, p.Warnings, err)
		}
	}
}
