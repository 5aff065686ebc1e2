// Package delegation tests who may make which cgroups, what a container sees of
// its own and may do there, and that all of them are gone in the end.
package delegation

import (
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }
