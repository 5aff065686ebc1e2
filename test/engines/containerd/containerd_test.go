// Package containerd tries containerd with ctr, its own client: what the engines
// on top of it (Docker, nerdctl, Kubernetes) have in common.
//
// Its CRI plugin is the business of test/engines/cri.
package containerd

import (
	"slices"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

type scenario = engines.Scenario[*daemon]

func TestMain(m *testing.M) { kegtest.Main(m) }

func TestContainerd(t *testing.T) {
	engines.Need(t, "containerd", "ctr", "containerd-shim-runc-v2", "nsenter")
	engines.Engine[*daemon]{
		Name:  "containerd",
		Title: "containerd 1.6.20 with ctr (Debian 12)",
		Start: start,
	}.Run(t, slices.Concat(runs, tasks, execs, limits, rights, mounts, places, deaths, refusals))
}
