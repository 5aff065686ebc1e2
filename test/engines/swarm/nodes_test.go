package swarm

import (
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

func drain(t testing.TB, s *swarm) {
	s.runs(t, s.web, 2, 2, 2)
	pids := s.nodes[1].pids(t, s.web)
	s.manager().OK(t, "node", "update", "--availability", "drain", "node2")
	t.Cleanup(func() { s.manager().OK(t, "node", "update", "--availability", "active", "node2") })
	s.runs(t, s.web, 3, 0, 3)
	ended(t, pids)
	s.manager().OK(t, "node", "update", "--availability", "active", "node2")
	s.scaleTo(t, 9)
	s.scaleTo(t, 6)
}

// killed: the daemon, its containerd and the shims of a node are gone from one
// moment to the next, and its containers are left to themselves, until a daemon
// is there again, which ends them.
func killed(t testing.TB, s *swarm) {
	s.runs(t, s.web, 2, 2, 2)
	lost := s.nodes[2]
	pids := lost.pids(t, s.web)
	lost.Kill()
	for _, shim := range lost.Shims() {
		if err := syscall.Kill(shim.PID, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	engines.Until(t, "node1 Ready Active Leader, node2 Ready Active, node3 Down Active", func() string { return s.states(t) })
	s.runs(t, s.web, 3, 3, 0)
	lost.Launch(t)
	engines.Until(t, "node1 Ready Active Leader, node2 Ready Active, node3 Ready Active", func() string { return s.states(t) })
	ended(t, pids)
	s.runs(t, s.web, 3, 3, 0)
	s.scaleTo(t, 9)
	s.scaleTo(t, 6)
}

// pids are those of a service's containers on the node.
func (n *node) pids(t testing.TB, service string) []int {
	t.Helper()
	var pids []int
	for _, id := range n.running(t, service) {
		pid, err := strconv.Atoi(n.Inspect(t, id, ".State.Pid"))
		if err != nil || !kegtest.Alive(pid) {
			t.Fatalf("%s: pid %d, %v", id, pid, err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// ended waits for the end of processes.
func ended(t testing.TB, pids []int) {
	t.Helper()
	engines.Until(t, "", func() string {
		var left []string
		for _, pid := range pids {
			if kegtest.Alive(pid) {
				left = append(left, strconv.Itoa(pid))
			}
		}
		return strings.Join(left, " ")
	})
}
