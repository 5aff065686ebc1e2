package plan

import (
	"strconv"
	"strings"
)

// bitMask has a bit for each number of a list like "0-3,7", which is validated:
// of CPUs, or of NUMA nodes. cpuset(7), "List format"
func bitMask(list string) []uint64 {
	if list == "" {
		return nil
	}
	var mask []uint64
	for part := range strings.SplitSeq(list, ",") {
		low, high, isRange := strings.Cut(strings.Trim(part, " "), "-")
		if !isRange {
			high = low
		}
		from, _ := strconv.ParseUint(low, 10, 16)
		to, _ := strconv.ParseUint(high, 10, 16)
		for n := from; n <= to; n++ {
			for uint64(len(mask)) <= n/64 {
				mask = append(mask, 0)
			}
			mask[n/64] |= 1 << (n % 64)
		}
	}
	return mask
}
