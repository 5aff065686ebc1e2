package host

import (
	"os"
	"strconv"
	"strings"
)

// HugePages lists the sizes of huge pages that the machine has, as the files of
// the controller hugetlb are named: "2MB". It is asked only for limits of them.
func HugePages() []string {
	entries, _ := os.ReadDir("/sys/kernel/mm/hugepages") // missing without CONFIG_HUGETLBFS
	var sizes []string
	for _, e := range entries {
		kb, ok := strings.CutPrefix(e.Name(), "hugepages-")
		n, err := strconv.ParseUint(strings.TrimSuffix(kb, "kB"), 10, 64)
		if ok && err == nil {
			sizes = append(sizes, pageSize(n))
		}
	}
	return sizes
}

// pageSize names a size as mem_fmt of the kernel's mm/hugetlb_cgroup.c does.
func pageSize(kb uint64) string {
	switch {
	case kb >= 1<<20:
		return strconv.FormatUint(kb>>20, 10) + "GB"
	case kb >= 1<<10:
		return strconv.FormatUint(kb>>10, 10) + "MB"
	}
	return strconv.FormatUint(kb, 10) + "KB"
}
