package plan

import "github.com/keg-project/keg/cpulist"

// bitMask has a bit for each number of a list like "0-3,7", which is validated:
// of CPUs, or of NUMA nodes.
func bitMask(text string) []uint64 {
	var mask []uint64
	list, _ := cpulist.Parse(text)
	for n := range list.Numbers() {
		for len(mask) <= n/64 {
			mask = append(mask, 0)
		}
		mask[n/64] |= 1 << (n % 64)
	}
	return mask
}
