package leftovers

import (
	"os"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// TestKilledStage kills the stage at each point near the birth of the init,
// which holds the other end of keg's socket as well from then on.
func TestKilledStage(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, staged)
	before := kegtest.Leftovers()
	s := scene{name: "create, its stage killed"}
	args := []string{"--root", b.Root, "create", "--no-new-keyring", "--bundle", b.Dir, b.ID()}
	for n := 1; n <= 130; n++ {
		if (n > 20 && n < 60 || kegtest.Slow() && n%8 != 0) && os.Getenv("KEG_SOAK") == "" {
			continue
		}
		got := killAfter(t, theInit, n, kegtest.Keg(t), args...)
		// A stage that is killed once it has named the init was done anyway.
		if got.code != 0 && !strings.Contains(got.output, "was killed by signal 9") {
			t.Errorf("after call %d: exit status %d: %s", n, got.code, got.output)
		}
		clear(t, b, s, n, before)
		if t.Failed() {
			return
		}
	}
}
