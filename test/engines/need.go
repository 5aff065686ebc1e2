package engines

import (
	"os"
	"os/exec"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// Need skips the test but for `make engines`, which installs the engines and
// sets KEG_ENGINES: then every program must be there.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	if os.Getenv("KEG_ENGINES") == "" {
		t.Skip("starts real engines: make engines")
	}
	kegtest.NeedRoot(t)
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Fatalf("%v: test/setup engines installs it", err)
		}
	}
}
