package cri

import (
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// eventually waits for what comes in its own time. The function says too how
// things are now.
func eventually(t testing.TB, what string, holds func() (now any, ok bool)) {
	t.Helper()
	var now any
	for deadline := time.Now().Add(patience()); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var ok bool
		if now, ok = holds(); ok {
			return
		}
	}
	t.Fatalf("%s: never; at last: %v", what, now)
}

// patience is how long the slowest thing may take on a machine that has much else
// to do.
func patience() time.Duration {
	if kegtest.Slow() {
		return 5 * time.Minute
	}
	return 2 * time.Minute
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
