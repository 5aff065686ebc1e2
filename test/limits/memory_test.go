package limits

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// A process is killed that uses more memory than the limit, and not before.
func TestMemoryLimit(t *testing.T) {
	limit := int64(24 << 20)
	for _, tt := range []struct {
		swap *int64
		size string
		code int
	}{{nil, "4M", 0}, {&limit, "4M", 0}, {&limit, "64M", 137}} {
		b := limited(t, oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: &limit, Swap: tt.swap}},
			"exec dd if=/dev/zero of=/dev/null count=1 bs="+tt.size)
		if r := b.Run(); r.Code != tt.code {
			t.Errorf("%s: exit status %d, want %d\n%s%s", tt.size, r.Code, tt.code, r.Stdout, r.Stderr)
		}
	}
}

// Unlimited is not the lowest of limits.
func TestMemoryUnlimited(t *testing.T) {
	none := int64(-1)
	b := limited(t, oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: &none, Swap: &none, Reservation: &none}},
		"exec dd if=/dev/zero of=/dev/null count=1 bs=64M")
	b.Output()
}
