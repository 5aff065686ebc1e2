package buildkit

import (
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/replay"
	"github.com/keg-project/keg/test/kegtest"
)

// TestCalls writes down what BuildKit calls its worker binary with, which package
// replay does again.
func TestCalls(t *testing.T) {
	engines.Need(t, "runc", "unshare", "ip")
	recorder := replay.Recorder(t, kegtest.TempDir(t))
	d := start(t, engines.Runtime{Name: "runc", Path: recorder})
	d.builds(t, "RUN true\nRUN --network=none true\n", "DONE")
	d.fails(t, "RUN false\n", "exit code: 1")
	cancelled(t, d)
	replay.Compare(t, "buildkit", replay.Recorded(t, recorder))
}
