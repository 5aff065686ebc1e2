package unit

import (
	"github.com/keg-project/keg/cpulist"
)

// bitmap turns a list, "0-2,5", into the bytes that systemd takes: the lowest
// CPU is the lowest bit of the first.
func bitmap(text string) (any, bool) {
	var bits []byte
	list, ok := cpulist.Parse(text)
	for n := range list.Numbers() {
		for len(bits) <= n/8 {
			bits = append(bits, 0)
		}
		bits[n/8] |= 1 << (n % 8)
	}
	return bits, ok
}
