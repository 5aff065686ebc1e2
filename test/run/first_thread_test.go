package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keg-project/keg/test/kegtest"
)

// An init whose first thread has ended counts as stopped while the others go on,
// for however long: they are no other container's, and end with it.
func TestFirstThreadEnds(t *testing.T) {
	program, err := kegtest.Program("testdata/threads.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{{"delete"}, {"delete", "--force"}} {
		b := kegtest.NewBundle(t, "/bin/threads")
		if err := os.WriteFile(filepath.Join(b.Dir, "rootfs/bin/threads"), program, 0o755); err != nil {
			t.Fatal(err)
		}
		b.Write()
		if r := background(t, b, "run", "--detach"); r.Code != 0 {
			t.Fatal(r.Stderr)
		}
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			r := b.Keg("state", b.ID())
			if strings.Contains(r.Stdout, `"stopped"`) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the first thread does not end: %+v", r)
			}
		}
		if r := b.Keg(append(flags, b.ID())...); r.Code != 0 {
			t.Errorf("%v: %s", flags, r.Stderr)
		}
	}
}
