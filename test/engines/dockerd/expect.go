package dockerd

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// patience is for what is sure to come.
var patience = map[bool]time.Duration{false: time.Minute, true: 5 * time.Minute}[kegtest.Slow()]

// Until waits for it.
func Until(t testing.TB, want string, look func() string) {
	t.Helper()
	var got string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if got = look(); got == want {
			return
		}
	}
	t.Fatalf("it is %q, and never %q", got, want)
}

// Equal compares what there is with what there must be.
func Equal(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// Contains looks for each of the words.
func Contains(t testing.TB, what, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s: no %q in %q", what, w, got)
		}
	}
}

// Write makes a file.
func Write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
