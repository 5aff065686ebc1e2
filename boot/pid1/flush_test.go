package pid1

import (
	"strings"
	"testing"
	"time"
)

func TestUnwritten(t *testing.T) {
	tests := []struct {
		meminfo string
		want    uint64
	}{
		{"MemFree: 5 kB\nDirty:               128 kB\nWriteback:            12 kB\nWritebackTmp:          7 kB\n", 140},
		{"Dirty:\nWriteback", 0}, {"", 0},
	}
	for _, tt := range tests {
		if got := unwrittenIn(tt.meminfo); got != tt.want {
			t.Errorf("%q: %d", tt.meminfo, got)
		}
	}
	if !strings.Contains(read("/proc/meminfo"), "\nDirty:") || !strings.Contains(read("/proc/meminfo"), "\nWriteback:") {
		t.Error("the kernel does not tell")
	}
}

// A disk that hangs is given up, one that is slow is waited for.
func TestFlush(t *testing.T) {
	const limit = 20 * time.Millisecond
	console := &screen{}
	p := &process{Options: Options{Console: console}}
	hung := make(chan struct{})
	defer close(hung)
	if p.flushWithin(limit, func() uint64 { return 7 }, "sync", func() { <-hung }) {
		t.Error("it hangs, and is done")
	}
	if said := console.String(); !strings.Contains(said, "sync: a disk takes nothing for 20ms, 7 KiB are not written") {
		t.Error(said)
	}
	slow, left := make(chan struct{}), uint64(1e6)
	progress := func() uint64 {
		if left--; left == 1e6-3 {
			close(slow)
		}
		return left
	}
	if !p.flushWithin(limit, progress, "sync", func() { <-slow }) {
		t.Error("a slow disk is not waited for")
	}
	if !p.flush("sync", func() {}) {
		t.Error("done, and not said so")
	}
}
