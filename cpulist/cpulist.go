// Package cpulist reads lists of CPUs or memory nodes, such as 0-3,7, as the
// kernel takes and prints them. cpuset(7), "List format"
//
// It is not for which CPUs there are, nor for what is done with a list.
package cpulist

import (
	"iter"
	"strconv"
	"strings"
)

// List is a list in the order in which it was written.
type List []Range

// Range is a part of a list: a number alone is both ends.
type Range struct{ First, Last uint16 }

// Parse reads a list of one number or more.
func Parse(text string) (list List, ok bool) {
	for part := range strings.SplitSeq(text, ",") {
		low, high, isRange := strings.Cut(strings.Trim(part, " "), "-")
		if !isRange {
			high = low
		}
		first, err1 := strconv.ParseUint(low, 10, 16)
		last, err2 := strconv.ParseUint(high, 10, 16)
		if err1 != nil || err2 != nil || first > last {
			return nil, false
		}
		list = append(list, Range{uint16(first), uint16(last)})
	}
	return list, true
}

// Numbers yields every number of the list.
func (l List) Numbers() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, r := range l {
			for n := int(r.First); n <= int(r.Last); n++ {
				if !yield(n) {
					return
				}
			}
		}
	}
}
