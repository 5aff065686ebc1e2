package linux

import (
	"os"
	"slices"
	"testing"
)

func TestProcesses(t *testing.T) {
	pids, err := Processes()
	if err != nil || !slices.IsSorted(pids) || !slices.Contains(pids, os.Getpid()) {
		t.Errorf("%v, %v", pids, err)
	}
	parents := ParentsOf([]int{os.Getpid(), -1})
	if len(parents) != 1 || parents[os.Getpid()] != os.Getppid() {
		t.Error(parents)
	}
}

func TestBelow(t *testing.T) {
	parents := Parents{2: 1, 3: 2, 4: 3, 5: 6, 6: 5}
	for _, tt := range []struct {
		pid, from int
		want      bool
	}{{4, 1, true}, {4, 2, true}, {4, 4, true}, {2, 3, false}, {4, 9, false}, {9, 9, true}, {9, 1, false}, {5, 1, false}, {5, 6, true}} {
		if got := parents.Below(tt.pid, tt.from); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
