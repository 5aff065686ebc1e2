package plan

import (
	"slices"
	"testing"
)

func TestBitMask(t *testing.T) {
	for list, want := range map[string][]uint64{
		"":        nil,
		"0":       {1},
		"0-3":     {0xf},
		"1,3, 5":  {0x2a},
		"7-8":     {0x180},
		"63":      {1 << 63},
		"64":      {0, 1},
		"0-1,127": {3, 1 << 63},
		"3-3":     {8},
		"65535":   append(make([]uint64, 1023), 1<<63),
	} {
		if mask := bitMask(list); !slices.Equal(mask, want) {
			t.Errorf("%s: %#x, want %#x", list, mask, want)
		}
	}
}
