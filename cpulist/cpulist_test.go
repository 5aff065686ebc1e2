package cpulist

import (
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string][]int{
		"0":           {0},
		"0-3,7":       {0, 1, 2, 3, 7},
		"5, 1-2":      {5, 1, 2},
		"65535":       {65535},
		"65534-65535": {65534, 65535},
		"3-3":         {3},
	} {
		list, ok := Parse(text)
		if got := slices.Collect(list.Numbers()); !ok || !slices.Equal(got, want) {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", ",", "1,", "a", "-1", "3-1", "1-2-3", "65536", "0-65536", "+1", "1\n", "0x1"} {
		if list, ok := Parse(text); ok {
			t.Errorf("%q: %v", text, list)
		}
	}
}

// A list that repeats all there is costs its own length until it is used.
func TestNumbersStops(t *testing.T) {
	list, _ := Parse("0-65535,0-65535")
	for n := range list.Numbers() {
		if n == 3 {
			return
		}
	}
	t.Error("no 3")
}
