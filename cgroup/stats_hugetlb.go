package cgroup

import (
	"strings"

	"github.com/keg-project/keg/linux"
)

// HugetlbStats is the use of huge pages of one size, in bytes. Where the kernel
// counts what is reserved, it is that.
type HugetlbStats struct {
	Usage   uint64
	Max     uint64 // the most that was ever used; v1 alone
	Failcnt uint64 // how often the limit was met
}

func readHugetlbV1(r *statReader, s *Stats) {
	for size, prefix := range r.hugetlb("usage_in_bytes") {
		s.Hugetlb[size] = HugetlbStats{
			Usage:   r.number(prefix + "usage_in_bytes"),
			Max:     r.number(prefix + "max_usage_in_bytes"),
			Failcnt: r.number(prefix + "failcnt"),
		}
	}
}

func readHugetlbV2(r *statReader, s *Stats) {
	for size, prefix := range r.hugetlb("current") {
		s.Hugetlb[size] = HugetlbStats{Usage: r.number(prefix + "current"), Failcnt: r.keyed(prefix + "events")["max"]}
	}
}

// hugetlb finds the sizes of huge pages by the files that count them, and what
// the names of those begin with.
func (r *statReader) hugetlb(suffix string) map[string]string {
	names, err := linux.CgroupFiles(r.fd, "hugetlb.")
	if ignoreGone(err) != nil {
		r.err = err
	}
	prefixes := map[string]string{}
	for _, name := range names {
		parts := strings.Split(name, ".")
		if parts[len(parts)-1] != suffix {
			continue
		}
		size := parts[1]
		switch {
		case len(parts) == 4 && parts[2] == "rsvd":
			prefixes[size] = "hugetlb." + size + ".rsvd."
		case len(parts) == 3 && prefixes[size] == "":
			prefixes[size] = "hugetlb." + size + "."
		}
	}
	return prefixes
}
