package engines

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// Patience is for what is sure to come.
var Patience = map[bool]time.Duration{false: time.Minute, true: 5 * time.Minute}[kegtest.Slow()]

// Until waits for it.
func Until(t testing.TB, want string, look func() string) {
	t.Helper()
	var got string
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if got = look(); got == want {
			return
		}
	}
	t.Fatalf("it is %q, and never %q", got, want)
}

// Within waits until what is asked for is so.
func Within(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

// Equal compares, as they are printed, what there is and what there must be.
func Equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if is, must := fmt.Sprint(got), fmt.Sprint(want); is != must {
		t.Errorf("%s: %q, want %q", what, is, must)
	}
}

// Contains looks for each of the words.
func Contains(t testing.TB, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s: no %q in %q", what, w, text)
		}
	}
}
