package systemd

import (
	"os"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// Rules for devices are keg's own, beside systemd's, and outlast its reload;
// those of update too.
func TestDevices(t *testing.T) {
	kegtest.NeedRoot(t)
	b := running(t, "sleep 1000", func(s *oci.Spec) {
		s.Linux.Devices = []oci.LinuxDevice{{Path: "/dev/none", Type: "c", Major: 1, Minor: 77}} // has no driver
		s.Linux.Resources = &oci.LinuxResources{Devices: []oci.LinuxDeviceCgroup{{Access: "rwm"}}}
	})
	check := func(want string) {
		t.Helper()
		for reloaded := range 2 {
			r := b.Keg("exec", b.ID(), "sh", "-c", "cat /dev/none; echo x > /dev/null && echo null")
			if !strings.Contains(r.Stderr, want) || r.Stdout != "null\n" {
				t.Errorf("want %q\n%s%s", want, r.Stdout, r.Stderr)
			}
			if reloaded == 0 {
				systemctl(t, "daemon-reload")
			}
		}
	}
	check("Operation not permitted")
	file := b.Dir + "/rules"
	if err := os.WriteFile(file, []byte(`{"devices":[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":77,"access":"r"}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	keg(t, b, "update", "-r", file, b.ID())
	check("No such device or address")
}
