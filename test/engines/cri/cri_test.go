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

// unifiedNames are the scenarios that depend on the hierarchy, systemd or the kernel.
var unifiedNames = []string{
	"RunPodSandbox, its status and address, listed by label",
	"the pod's cgroup holds the cgroups of its containers",
	"devices with their permissions",
	"a privileged container",
	"ExecSync: output, exit code, program not found",
	"limits of a container, as it sees them",
	"UpdateContainerResources: memory, by what is killed",
	"UpdateContainerResources: CPU, by what is throttled",
	"a container that is killed for want of memory is OOMKilled",
	"ContainerStats: CPU, memory and disk, as they are",
	"StopContainer: within the grace period, and after it",
}

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
	engine.V2 = engines.Named(t, all, unifiedNames)
	engine.Run(t, all)
}
