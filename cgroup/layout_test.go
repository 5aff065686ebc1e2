package cgroup

import (
	"slices"
	"testing"
)

func TestDetectV2(t *testing.T) {
	got := detect(parseMembership("3:freezer:/f\n0::/user.slice/s.scope\n"), 2)
	want := []Hierarchy{{"", mountRoot, "/user.slice/s.scope"}}
	if got.Mode != V2 || !slices.Equal(got.Hierarchies, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestDetectUnmounted(t *testing.T) {
	if got := detect(parseMembership("3:nosuchcontroller:/f\n"), 0); got.Mode != None || len(got.Hierarchies) != 0 {
		t.Errorf("a hierarchy that is not mounted: %v", got)
	}
}

// Each hierarchy that is found has a list of processes, and this one is in
// its own cgroup there.
func TestDetect(t *testing.T) {
	l := needsCgroups(t)
	for _, h := range l.Hierarchies {
		pids, err := appendPids(nil, Dir{h.Controllers, h.Mount, h.visibleSelf()}, true)
		if err != nil || len(pids) == 0 {
			t.Errorf("%+v: processes %v, error %v", h, pids, err)
		}
	}
}

func BenchmarkDetect(b *testing.B) {
	for b.Loop() {
		Detect()
	}
}
