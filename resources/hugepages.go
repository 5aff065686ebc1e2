package resources

import (
	"slices"
	"strconv"
	"strings"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// hugepages: runtime-spec config-linux.md#huge-page-limits. A limit counts
// pages when they are touched, and what goes beyond it is SIGBUS; the same
// limit for reservations makes it an error of mmap that a program can handle.
func (c *compiler) hugepages(list []oci.LinuxHugepageLimit) {
	for i, l := range list {
		field := index("linux.resources.hugepageLimits", i)
		version := c.version(field, "hugetlb")
		if version == 0 {
			continue
		}
		if sizes := c.facts.HugePages; !slices.Contains(sizes, l.Pagesize) {
			c.fail(field+".pageSize", "this machine has no huge pages of %s; it has %s", l.Pagesize, orNone(sizes))
			continue
		}
		file := "max"
		if version == 1 {
			file = "limit_in_bytes"
		}
		bytes := strconv.FormatUint(l.Limit, 10)
		c.write(field, "hugetlb", "hugetlb."+l.Pagesize+"."+file, bytes)
		c.write(field, "hugetlb", "hugetlb."+l.Pagesize+".rsvd."+file, bytes)
	}
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
