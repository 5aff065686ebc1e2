// Package run tests what config.json asks for, by what a container sees.
package run

import (
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		script string
		want   int
	}{{"exit 0", 0}, {"exit 7", 7}, {"exit 255", 255}} {
		if r := kegtest.NewBundle(t, "sh", "-c", c.script).Run(); r.Code != c.want {
			t.Errorf("%s: exit status %d, want %d\n%s", c.script, r.Code, c.want, r.Stderr)
		}
	}
}
