package resources

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// An update of one of limit and swap, with what is in force.
func TestCompleteMemory(t *testing.T) {
	const unlimited, unknown, unset, mib = -1, 0, 0, 1 << 20
	for _, tt := range []struct {
		name                string
		limit, swap         int64
		now                 MemoryNow
		wantLimit, wantSwap int64
		wantErr             string
	}{
		{"neither", unset, unset, MemoryNow{64 * mib, 128 * mib}, unset, unset, ""},
		{"both", 100 * mib, 200 * mib, MemoryNow{64 * mib, 128 * mib}, 100 * mib, 200 * mib, ""},
		{"both unlimited", -1, -1, MemoryNow{64 * mib, 128 * mib}, -1, -1, ""},
		{"memory unlimited", -1, unset, MemoryNow{64 * mib, 128 * mib}, -1, -1, ""},
		{"memory unlimited, swap never limited", -1, unset, MemoryNow{64 * mib, unlimited}, -1, unset, ""},
		{"less memory", 32 * mib, unset, MemoryNow{64 * mib, 128 * mib}, 32 * mib, 128 * mib, ""},
		{"more memory", 100 * mib, unset, MemoryNow{64 * mib, 128 * mib}, 100 * mib, 128 * mib, ""},
		{"memory up to the sum", 128 * mib, unset, MemoryNow{64 * mib, 128 * mib}, 128 * mib, 128 * mib, ""},
		{"memory above the sum", 129 * mib, unset, MemoryNow{64 * mib, 128 * mib}, 0, 0,
			"linux.resources.memory.limit: 135266304 is more than memory and swap may come to together, 134217728 (hint: give linux.resources.memory.swap as well)"},
		{"memory above the sum by less than a page", 128*mib + 1, unset, MemoryNow{64 * mib, 128 * mib}, 128*mib + 1, 128 * mib, ""},
		{"memory, swap unlimited", 32 * mib, unset, MemoryNow{64 * mib, unlimited}, 32 * mib, unset, ""},
		{"memory, swap unknown", 32 * mib, unset, MemoryNow{64 * mib, unknown}, 32 * mib, unset, ""},
		{"swap", unset, 100 * mib, MemoryNow{64 * mib, 128 * mib}, 64 * mib, 100 * mib, ""},
		{"swap down to the limit", unset, 64 * mib, MemoryNow{64 * mib, 128 * mib}, 64 * mib, 64 * mib, ""},
		{"swap below the limit", unset, 63 * mib, MemoryNow{64 * mib, 128 * mib}, 0, 0,
			"linux.resources.memory.swap: 66060288 is less than memory alone may come to, 67108864 (hint: give linux.resources.memory.limit as well)"},
		{"swap, memory unlimited", unset, 100 * mib, MemoryNow{unlimited, unlimited}, 0, 0,
			"linux.resources.memory.swap: it counts memory too, which is not limited (hint: give linux.resources.memory.limit as well)"},
		{"swap, memory unknown", unset, 100 * mib, MemoryNow{unknown, unknown}, unset, 100 * mib, ""},
		{"swap unlimited", unset, -1, MemoryNow{64 * mib, 128 * mib}, unset, -1, ""},
	} {
		given := oci.LinuxMemory{Limit: pointer(tt.limit), Swap: pointer(tt.swap)}
		kept := given
		got, err := CompleteMemory(&given, tt.now)
		switch {
		case tt.wantErr != "":
			if err == nil || err.Error() != tt.wantErr {
				t.Errorf("%s: error %v\nwant %s", tt.name, err, tt.wantErr)
			}
		case err != nil || value(got.Limit) != tt.wantLimit || value(got.Swap) != tt.wantSwap:
			t.Errorf("%s: limit %d, swap %d, %v; want %d, %d", tt.name, value(got.Limit), value(got.Swap), err, tt.wantLimit, tt.wantSwap)
		}
		if given != kept {
			t.Errorf("%s: what was given has changed", tt.name)
		}
	}
	if m, err := CompleteMemory(nil, MemoryNow{64, 128}); m != nil || err != nil {
		t.Errorf("%v, %v", m, err)
	}
}

func pointer(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
