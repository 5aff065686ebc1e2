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

// unifiedNames are the scenarios that depend on the hierarchy, systemd or the kernel.
var unifiedNames = []string{
	"`ctr run --rm`: output, errors, exit status",
	"run -t: a terminal of the right size, resized",
	"`ctr tasks ps`: every process of a container, none of another",
	"kill --all: every process of a container",
	"delete refuses what runs; --force kills it",
	"pause freezes every process, resume thaws them",
	"a paused container is killed and deleted",
	"metrics: true numbers",
	"exec: in the container's namespaces, cgroup, environment",
	"--memory-limit: set, and kept; the event",
	"--cpus",
	"--cpu-quota, --cpu-period, --cpu-shares",
	"--cgroup: where the container's is",
	"--runc-systemd-cgroup: a scope, or an error that says what is missing",
	"--device: one more, and only that",
	"--uidmap and --gidmap: a user namespace",
}

func TestContainerd(t *testing.T) {
	engines.Need(t, "containerd", "ctr", "containerd-shim-runc-v2", "nsenter")
	all := slices.Concat(runs, tasks, execs, limits, rights, mounts, places, deaths, refusals)
	engines.Engine[*daemon]{
		Name:  "containerd",
		Title: "containerd 1.6.20 with ctr (Debian 12)",
		Start: start,
		V2:    engines.Named(t, all, unifiedNames),
	}.Run(t, all)
}
