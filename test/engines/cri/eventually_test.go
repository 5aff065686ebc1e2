package cri

import (
	"testing"
	"time"
)

// eventually waits for what comes in its own time. The function says too how
// things are now.
func eventually(t testing.TB, what string, holds func() (now any, ok bool)) {
	t.Helper()
	var now any
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var ok bool
		if now, ok = holds(); ok {
			return
		}
	}
	t.Fatalf("%s: never; at last: %v", what, now)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
