package resources

import (
	"fmt"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

const root = "linux.resources."

func v1() Facts {
	return Facts{V1: []string{"cpu", "memory", "blkio", "hugetlb", "net_cls", "net_prio", "rdma"}, HugePages: []string{"1GB", "2MB"}}
}

func v2() Facts {
	return Facts{V2: []string{"cpu", "memory", "io", "hugetlb", "rdma", "misc"}, Unified: true, HugePages: []string{"1GB", "2MB"}}
}

// compiles compares writes, a line each, with what is wanted.
func compiles(t *testing.T, r oci.LinuxResources, f Facts, want string) {
	t.Helper()
	l, err := Compile(&r, f)
	var got strings.Builder
	for _, w := range l.Writes {
		fmt.Fprintf(&got, "\n%s: %s %s = %q", strings.TrimPrefix(w.Field, root), w.Controller, w.File, w.Value)
		if w.Reset != "" {
			fmt.Fprintf(&got, " or %q", w.Reset)
		}
		if w.Either {
			got.WriteString(" either")
		}
	}
	if err != nil || got.String() != want {
		t.Errorf("%v\ngot %s\nwant%s", err, got.String(), want)
	}
}

// refused compares the lines of the error, and wants no writes for them.
func refused(t *testing.T, r oci.LinuxResources, f Facts, want string) {
	t.Helper()
	l, err := Compile(&r, f)
	want = strings.ReplaceAll(strings.TrimPrefix(want, "\n"), "\n", "\n"+root)
	if err == nil || err.Error() != root+want || len(l.Writes) > 0 {
		t.Errorf("%v\ngot  %v\nwant %s", l.Writes, err, root+want)
	}
}
