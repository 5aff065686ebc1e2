package plan

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// A limit of 0 is one since version 1.3.0, in whose name it has to be asked for.
func TestPidsOfVersion(t *testing.T) {
	for _, tt := range []struct {
		version string
		limit   int64
		want    string
	}{
		{"1.0.0", 0, "max"},
		{"1.0.2-dev", 0, "max"},
		{"1.2.1+dev", 0, "max"},
		{"1.3.0", 0, "1"},
		{"1.3.0-rc.1", 0, "1"},
		{"1.10.0", 0, "1"},
		{"1.20.0", 0, "1"},
		{"1.0.2", 7, "7"},
		{"1.0.2", -1, "max"},
	} {
		in := input(t, "testdata/create/config.json")
		in.Spec.Version = tt.version
		in.Spec.Linux.Resources = &oci.LinuxResources{Pids: &oci.LinuxPids{Limit: &tt.limit}}
		limit := tt.limit
		p, err := Compile(in)
		if err != nil || len(p.Limits) != 1 || p.Limits[0].Value != tt.want {
			t.Errorf("version %s, limit %d: %v, %v, want %s", tt.version, tt.limit, p.Limits, err, tt.want)
		}
		if *in.Spec.Linux.Resources.Pids.Limit != limit {
			t.Errorf("version %s, limit %d: the configuration is another now", tt.version, limit)
		}
	}
}
