package plan

import (
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func TestWarnings(t *testing.T) {
	number, none := int64(5), uint16(0)
	for _, tt := range []struct {
		change func(*oci.Spec)
		want   string
	}{
		{func(s *oci.Spec) { s.Linux.Resources = &oci.LinuxResources{} }, ""},
		{func(s *oci.Spec) {
			s.Linux.Resources = &oci.LinuxResources{Memory: &oci.LinuxMemory{}, CPU: &oci.LinuxCPU{Shares: new(uint64)},
				Pids: &oci.LinuxPids{}, BlockIO: &oci.LinuxBlockIO{Weight: &none}}
		}, ""},
		{func(s *oci.Spec) {
			s.Linux.Resources = &oci.LinuxResources{Devices: []oci.LinuxDeviceCgroup{{}}, Memory: &oci.LinuxMemory{Limit: &number},
				CPU: &oci.LinuxCPU{Quota: &number}}
		}, ""},
		{func(s *oci.Spec) {
			s.Process.Capabilities = &oci.LinuxCapabilities{Bounding: []string{"CAP_KILL", "CAP_NONSENSE"}, Ambient: []string{"CAP_SYS_ADMIN"}}
		}, "process.capabilities.bounding[1]: ignored: this kernel does not know \"CAP_NONSENSE\"\n" +
			"process.capabilities.ambient[0]: ignored: this kernel does not know \"CAP_SYS_ADMIN\""}, // of six that it knows
		{func(s *oci.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.MountNamespace})
			s.Mounts = append(s.Mounts, oci.Mount{Destination: "/mnt", Source: "/etc", Options: []string{"mode=755", "rbind", "size=1k"}})
		}, "mounts[%d].options: ignored: mode=755,size=1k: a bind mount takes none of a file system's own options"},
		{func(s *oci.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.MountNamespace})
			s.Mounts = append(s.Mounts, oci.Mount{Destination: "/mnt", Source: "/etc", Options: []string{"U", "z", "Z", "rbind"}})
		}, "mounts[%d].options: ignored: U,z,Z: a bind mount takes none of a file system's own options"},
		{func(s *oci.Spec) {
			kill, both := []string{"CAP_KILL"}, []string{"CAP_CHOWN", "CAP_KILL"}
			s.Process.Capabilities = &oci.LinuxCapabilities{Permitted: both, Inheritable: kill, Ambient: both}
		}, "process.capabilities.ambient: ignored, since they are not both permitted and inheritable: CAP_CHOWN"},
		{func(s *oci.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, oci.LinuxNamespace{Type: oci.MountNamespace})
			s.Mounts = append(s.Mounts, oci.Mount{Destination: "/mnt", Source: "/etc", Options: []string{"rbind", ""}})
		}, ""},
		{func(s *oci.Spec) { s.Windows = &oci.Windows{} }, "config.json: ignored: the sections for other platforms than Linux"},
	} {
		in := input(t, "testdata/create/config.json")
		tt.want = strings.Replace(tt.want, "%d", strconv.Itoa(len(in.Spec.Mounts)), 1)
		tt.change(in.Spec)
		p, err := Compile(in)
		if err != nil || strings.Join(p.Warnings, "\n") != tt.want {
			t.Errorf("%v\ngot  %s\nwant %s", err, strings.Join(p.Warnings, "\n"), tt.want)
		}
	}
}
