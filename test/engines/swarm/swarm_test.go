// Package swarm has three of Docker's daemons, each on a node of its own, run
// the services of a swarm with runc and with keg.
//
// It is not for a single daemon, which is package docker's, nor for what needs
// IPVS, which is not in every kernel: virtual addresses, the ingress network.
package swarm

import (
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/dockerd"
	"github.com/keg-project/keg/test/kegtest"
)

func TestMain(m *testing.M) { kegtest.Main(m) }

var scenarios = []engines.Scenario[*swarm]{
	{Name: "init, join: three nodes, ready", Run: nodes},
	{Name: "a service of six, two on each node", Run: spread},
	{Name: "names resolved, and each of the six reached from each node", Run: reach},
	{Name: "scale to nine, to three, to six", Run: scale},
	{Name: "a node drained, and active again", Run: drain},
	{Name: "a node killed: six on two nodes; it comes back", Run: killed},
	{Name: "a rolling update, two at a time; rollback", Run: rollingUpdate},
	{Name: "an update that fails is rolled back", Run: failingUpdate},
	{Name: "a task that dies, or is unhealthy, is replaced", Run: replaced},
	{Name: "secrets, configs, limits, user, capabilities, sysctls of a service", Run: settings},
	{Name: "a global service with a published port (mode=host)", Run: global},
	{Name: "a job of six tasks", Run: job},
}

func TestSwarm(t *testing.T) {
	engines.Need(t, "dockerd", dockerd.Client, "containerd", "iptables", "ip", "nsenter", "busybox")
	engines.Engine[*swarm]{Name: "swarm", Title: dockerd.Title(t) + ", a swarm of three nodes", Start: start}.Run(t, scenarios)
}
