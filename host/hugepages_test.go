package host

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestPageSize(t *testing.T) {
	for kb, want := range map[uint64]string{64: "64KB", 512: "512KB", 1024: "1MB", 2048: "2MB", 524288: "512MB", 1048576: "1GB", 16777216: "16GB"} {
		if got := pageSize(kb); got != want {
			t.Errorf("%d kB: %s, want %s", kb, got, want)
		}
	}
}

func TestHugePages(t *testing.T) {
	names, err := filepath.Glob("/sys/kernel/mm/hugepages/*")
	if err != nil {
		t.Fatal(err)
	}
	sizes := HugePages()
	if len(sizes) != len(names) {
		t.Errorf("%v of %v", sizes, names)
	}
	if _, err := os.Stat("/sys/kernel/mm/hugepages/hugepages-2048kB"); err == nil && !slices.Contains(sizes, "2MB") {
		t.Errorf("no 2MB in %v", sizes)
	}
}
