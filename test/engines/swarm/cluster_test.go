package swarm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/dockerd"
)

// node is a daemon on a network that it shares with the others alone.
type node struct {
	*dockerd.Daemon
	name, address string
	before        []string // what was there before it was of the swarm
}

// swarm is a manager and two workers.
type swarm struct {
	nodes    []*node
	web      string // a service of six that most scenarios have something done to
	services int
}

func (s *swarm) manager() *node { return s.nodes[0] }

// offline: the image is on each node, and there is no registry to look for it.
const offline = "DOCKER_SERVICE_PREFER_OFFLINE_IMAGE=1"

func start(t testing.TB, r engines.Runtime) *swarm {
	wire := engines.Hold(t, syscall.CLONE_NEWNET, "ip link add bridge type bridge; ip link set bridge up; ip link set lo up")
	s := &swarm{}
	for i := range 3 {
		name := fmt.Sprintf("node%d", i+1)
		s.nodes = append(s.nodes, &node{name: name, address: fmt.Sprintf("192.0.2.%d", i+1)})
	}
	for _, n := range s.nodes {
		n.Daemon = dockerd.Begin(t, r, dockerd.Setup{Env: []string{offline}, Hostname: n.name})
		n.plug(t, wire)
		n.ImportImage(t)
		n.before = n.Remains(t)
	}
	t.Cleanup(func() { s.checkLeft(t) })
	s.found(t)
	s.web = s.service(t, 6, serve, append(where, "--update-parallelism", "2", "--rollback-parallelism", "3", "--update-order", "start-first")...)
	return s
}

// plug connects the node to the bridge.
func (n *node) plug(t testing.TB, wire engines.Namespaces) {
	t.Helper()
	must(t, wire, "ip", "link", "add", n.name, "master", "bridge", "type", "veth", "peer", "name", "eth0", "netns", n.PID())
	must(t, wire, "ip", "link", "set", n.name, "up")
	must(t, n.Namespaces, "ip", "address", "add", n.address+"/24", "dev", "eth0")
	must(t, n.Namespaces, "ip", "link", "set", "eth0", "up")
	engines.Until(t, "true", func() string {
		out, _ := n.Within("ip", "link", "show", "eth0").Output()
		return strconv.FormatBool(strings.Contains(string(out), "LOWER_UP"))
	})
}

func must(t testing.TB, in engines.Namespaces, args ...string) {
	t.Helper()
	if out, err := in.Within(args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// found makes the swarm. The manager misses a node after a few seconds.
func (s *swarm) found(t testing.TB) {
	t.Helper()
	m := s.manager()
	m.OK(t, "swarm", "init", "--advertise-addr", m.address, "--dispatcher-heartbeat", "1s")
	m.removeIngress(t)
	token := m.OK(t, "swarm", "join-token", "-q", "worker")
	var all sync.WaitGroup
	for _, n := range s.nodes[1:] {
		all.Go(func() { n.OK(t, "swarm", "join", "--token", token, "--advertise-addr", n.address, m.address+":2377") })
	}
	all.Wait()
	m.OK(t, "network", "create", "--driver", "overlay", "--subnet", "10.88.0.0/24", "own")
}

// removeIngress: it distributes what is asked of published ports, by IPVS.
func (n *node) removeIngress(t testing.TB) {
	t.Helper()
	cmd := n.Command(dockerd.Client, "network", "rm", "ingress")
	cmd.Stdin = strings.NewReader("y\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("network rm ingress: %v: %s", err, out)
	}
}

// service starts one on the swarm's network, which is gone after the scenario.
func (s *swarm) service(t testing.TB, replicas int, script string, flags ...string) string {
	t.Helper()
	own := []string{"--replicas", strconv.Itoa(replicas), "--network", "own", "--endpoint-mode", "dnsrr",
		"--restart-delay", "100ms", "--update-monitor", "500ms", "--rollback-monitor", "500ms"}
	return s.create(t, append(own, flags...), script)
}

// create starts a service.
func (s *swarm) create(t testing.TB, flags []string, script string) string {
	t.Helper()
	s.services++
	name := fmt.Sprintf("s%d", s.services)
	t.Cleanup(func() { s.remove(t, name) })
	args := []string{"--detach", "--no-resolve-image", "--name", name, "--stop-signal", "KILL"}
	s.manager().OK(t, dockerd.Line("service create", append(args, flags...), script)...)
	return name
}

// remove removes a service, and waits for the last of its containers.
func (s *swarm) remove(t testing.TB, service string) {
	t.Helper()
	s.manager().Docker(t, "service", "rm", service)
	for _, n := range s.nodes {
		engines.Until(t, "", func() string { return n.containers(t, service) })
	}
}

// containers are the ids of a service's on this node, also of those that have ended.
func (n *node) containers(t testing.TB, service string, flags ...string) string {
	t.Helper()
	return n.OK(t, append([]string{"ps", "-aq", "--no-trunc", "--filter", "label=com.docker.swarm.service.name=" + service}, flags...)...)
}

// running are the ids of a service's on this node that run.
func (n *node) running(t testing.TB, service string) []string {
	t.Helper()
	return strings.Fields(n.containers(t, service, "--filter", "status=running"))
}

// runs waits until so many tasks of a service run on each of the nodes.
func (s *swarm) runs(t testing.TB, service string, want ...int) {
	t.Helper()
	engines.Until(t, fmt.Sprint(want), func() string {
		got := make([]int, len(want))
		for _, line := range s.tasks(t, service) {
			where, state, _ := strings.Cut(line, " ")
			at := slices.IndexFunc(s.nodes, func(n *node) bool { return n.name == where })
			if at < 0 || at >= len(got) || !strings.HasPrefix(state, "Running ") {
				return fmt.Sprintf("%q", s.tasks(t, service))
			}
			got[at]++
		}
		return fmt.Sprint(got)
	})
}

// tasks are those that shall run: "node1 Running 3 seconds ago".
func (s *swarm) tasks(t testing.TB, service string) []string {
	t.Helper()
	out := s.manager().OK(t, "service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}} {{.CurrentState}}", service)
	return strings.FieldsFunc(out, func(r rune) bool { return r == '\n' })
}

// inspect is a field of a service.
func (s *swarm) inspect(t testing.TB, service, field string) string {
	t.Helper()
	return s.manager().OK(t, "service", "inspect", "--format", "{{"+field+"}}", service)
}

// states are the nodes', as the manager sees them.
func (s *swarm) states(t testing.TB) string {
	t.Helper()
	lines := strings.Split(s.manager().OK(t, "node", "ls", "--format", "{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

// checkLeft has the nodes leave, and looks for what is left of the swarm.
func (s *swarm) checkLeft(t testing.TB) {
	t.Helper()
	s.manager().Docker(t, "network", "rm", "own")
	for _, n := range slices.Backward(s.nodes) {
		n.OK(t, "swarm", "leave", "--force")
		n.OK(t, "network", "rm", "docker_gwbridge")
		n.Clean(t, n.before)
	}
}
