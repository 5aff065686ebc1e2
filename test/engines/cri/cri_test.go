// Package cri does to containerd what a kubelet does, over the Container Runtime
// Interface, with runc and with keg as the runtime of the pods.
//
// It is a module of its own, so that the interface's modules stay out of keg's. It
// is not for what people do with containerd's own client (test/engines/containerd).
package cri

import (
	"context"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

// bg: the connection gives every call its time limit.
var bg = context.Background()

type scenario = engines.Scenario[*node]

func TestCRI(t *testing.T) {
	engines.Need(t, "containerd", "ctr", "containerd-shim-runc-v2", "iptables", "ip", "nsenter", "unshare")
	engine := engines.Engine[*node]{
		Name:  "cri",
		Title: "Kubernetes' CRI: " + version(t),
		Start: start,
	}
	var all []scenario
	for _, some := range [][]scenario{
		sandboxes, networks, namespaces, volumes, users, confinement, execs, streams,
		resources, statistics, lifecycles, logs, restarts, crowds,
	} {
		all = append(all, some...)
	}
	engine.Run(t, all)
}
