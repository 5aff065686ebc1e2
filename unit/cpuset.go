package unit

import (
	"strconv"
	"strings"

	"github.com/keg-project/keg/dbus"
)

// maxCPU bounds a list, as the kernel does at some 8192 CPUs.
const maxCPU = 1 << 16

// bitmap turns a list, "0-2,5", into the bytes that systemd takes: the lowest
// CPU is the lowest bit of the first.
func bitmap(text string) (dbus.Value, bool) {
	var bits []byte
	for part := range strings.SplitSeq(strings.TrimSpace(text), ",") {
		from, to, ranged := strings.Cut(part, "-")
		if !ranged {
			to = from
		}
		first, err := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil || first < 0 || first > last || last > maxCPU {
			return dbus.Value{}, false
		}
		for n := first; n <= last; n++ {
			for len(bits) <= n/8 {
				bits = append(bits, 0)
			}
			bits[n/8] |= 1 << (n % 8)
		}
	}
	return dbus.Bytes(bits...), true
}
