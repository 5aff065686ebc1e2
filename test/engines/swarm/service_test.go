package swarm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
)

const forever = "exec sleep 1000"

// serve is a task that says on which node it is, and which of the service's.
const serve = `mkdir -p /www; echo "$WHERE $VERSION" >/www/index.html; exec httpd -f -h /www`

// where fills in what serve says: placeholders of the swarm's.
var where = []string{"--env", "WHERE={{.Node.Hostname}} {{.Task.Name}}", "--env", "VERSION=one"}

func nodes(t testing.TB, s *swarm) {
	engines.Until(t, "node1 Ready Active Leader, node2 Ready Active, node3 Ready Active", func() string { return s.states(t) })
	for _, n := range s.nodes {
		n.Prints(t, n.Runtime.Name+" active", "info", "--format", "{{.DefaultRuntime}} {{.Swarm.LocalNodeState}}")
	}
}

func spread(t testing.TB, s *swarm) {
	s.runs(t, s.web, 2, 2, 2)
	var said []string
	for _, n := range s.nodes {
		for _, id := range n.running(t, s.web) {
			engines.Equal(t, "runtime", n.Inspect(t, id, ".HostConfig.Runtime"), n.Runtime.Name)
			fields := strings.Fields(n.OK(t, "exec", id, "sh", "-c", `until wget -qO- http://127.0.0.1/; do sleep 0.1; done`))
			if len(fields) != 3 || fields[0] != n.name || fields[2] != "one" {
				t.Fatalf("%s says %q", n.name, fields)
			}
			said = append(said, strings.TrimPrefix(fields[1], s.web+".")[:1])
		}
	}
	slices.Sort(said)
	engines.Equal(t, "slots", strings.Join(said, " "), "1 2 3 4 5 6")
	engines.Equal(t, "replicas", s.manager().OK(t, "service", "ls", "--filter", "name="+s.web, "--format", "{{.Replicas}}"), "6/6")
}

// ask has a task find all of a service by name, and fetch each one's page.
const ask = `nslookup %[1]s 127.0.0.11 | awk '/^Name/ {found = 1} found && /^Address/ {print $2}' | sort -u |
while read -r address; do wget -qO- "http://$address/"; done`

// reach: the nodes' containers share a network, which is tunnelled between them.
func reach(t testing.TB, s *swarm) {
	s.runs(t, s.web, 2, 2, 2)
	for _, n := range s.nodes {
		engines.Until(t, "2 2 2", func() string {
			id := n.running(t, s.web)[0]
			pages := n.Docker(t, "exec", id, "sh", "-c", fmt.Sprintf(ask, s.web)).Stdout
			var counts []string
			for _, of := range s.nodes {
				counts = append(counts, fmt.Sprint(strings.Count(pages, of.name+" ")))
			}
			return strings.Join(counts, " ")
		})
	}
}

func scale(t testing.TB, s *swarm) {
	s.runs(t, s.web, 2, 2, 2)
	first := s.nodes[0].running(t, s.web)
	for _, n := range []int{9, 3, 6} {
		s.scaleTo(t, n)
	}
	now := s.nodes[0].running(t, s.web)
	if !slices.ContainsFunc(first, func(id string) bool { return slices.Contains(now, id) }) {
		t.Errorf("of %q none has been kept: %q", first, now)
	}
}

// scaleTo has the same number run on each node.
func (s *swarm) scaleTo(t testing.TB, n int) {
	t.Helper()
	s.manager().OK(t, "service", "scale", "--detach", fmt.Sprintf("%s=%d", s.web, n))
	s.runs(t, s.web, n/3, n/3, n/3)
	for _, on := range s.nodes {
		engines.Until(t, fmt.Sprint(n/3), func() string { return fmt.Sprint(len(on.running(t, s.web))) })
	}
}

// versions are what the tasks that run are told.
func (s *swarm) versions(t testing.TB, service string) string {
	t.Helper()
	var all []string
	for _, n := range s.nodes {
		for _, id := range n.running(t, service) {
			env := n.Docker(t, "inspect", "-f", "{{.Config.Env}}", id).Stdout
			_, version, _ := strings.Cut(env, "VERSION=")
			all = append(all, strings.TrimRight(strings.SplitN(version, " ", 2)[0], "]\n"))
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func rollingUpdate(t testing.TB, s *swarm) {
	s.runs(t, s.web, 2, 2, 2)
	engines.Equal(t, "before", s.versions(t, s.web), "one one one one one one")
	s.manager().OK(t, "service", "update", "--detach", "--no-resolve-image", "--env-add", "VERSION=two", s.web)
	engines.Until(t, "completed", func() string { return s.inspect(t, s.web, ".UpdateStatus.State") })
	engines.Until(t, "two two two two two two", func() string { return s.versions(t, s.web) })
	s.manager().OK(t, "service", "rollback", "--detach", s.web)
	engines.Until(t, "rollback_completed", func() string { return s.inspect(t, s.web, ".UpdateStatus.State") })
	engines.Until(t, "one one one one one one", func() string { return s.versions(t, s.web) })
}

func failingUpdate(t testing.TB, s *swarm) {
	service := s.service(t, 3, forever, append(where, "--update-failure-action", "rollback")...)
	s.runs(t, service, 1, 1, 1)
	s.manager().OK(t, "service", "update", "--detach", "--no-resolve-image", "--args", "nosuch", "--env-add", "VERSION=two", service)
	engines.Until(t, "rollback_completed", func() string { return s.inspect(t, service, ".UpdateStatus.State") })
	s.runs(t, service, 1, 1, 1)
	engines.Until(t, "one one one", func() string { return s.versions(t, service) })
	errors := s.manager().OK(t, "service", "ps", "--no-trunc", "--format", "{{.Error}}", service)
	engines.Contains(t, "why", errors, "nosuch", "executable file not found in $PATH")
}

func job(t testing.TB, s *swarm) {
	service := s.create(t, []string{"--mode", "replicated-job", "--replicas", "6", "--max-concurrent", "3", "--restart-condition", "none"}, "echo task done")
	engines.Until(t, "6", func() string {
		out := s.manager().OK(t, "service", "ps", "--format", "{{.CurrentState}}", service)
		return fmt.Sprint(strings.Count(out, "Complete "))
	})
	engines.Until(t, "6", func() string {
		return fmt.Sprint(strings.Count(s.manager().OK(t, "service", "logs", service), "task done"))
	})
	s.manager().OK(t, "service", "rm", service)
	for _, n := range s.nodes { // Docker 20.10 leaves them
		n.OK(t, "container", "prune", "--force")
	}
}

// replaced: a task that ends by itself, and one whose check of health fails.
func replaced(t testing.TB, s *swarm) {
	service := s.service(t, 3, "touch /fine; "+forever, "--health-cmd", "test -e /fine", "--health-interval", "300ms", "--health-retries", "2")
	s.runs(t, service, 1, 1, 1)
	was := map[*node]string{}
	for _, n := range s.nodes {
		was[n] = n.running(t, service)[0]
	}
	s.nodes[1].OK(t, "kill", was[s.nodes[1]])
	s.nodes[2].OK(t, "exec", was[s.nodes[2]], "rm", "/fine")
	engines.Until(t, "2", func() string {
		out := s.manager().OK(t, "service", "ps", "--filter", "desired-state=shutdown", "--format", "{{.CurrentState}} {{.Error}}", service)
		return fmt.Sprint(strings.Count(out, "Failed "))
	})
	s.runs(t, service, 1, 1, 1)
	engines.Equal(t, "the one that was well", s.nodes[0].running(t, service)[0], was[s.nodes[0]])
	out := s.manager().OK(t, "service", "ps", "--no-trunc", "--filter", "desired-state=shutdown", "--format", "{{.Error}}", service)
	engines.Contains(t, "why", out, "non-zero exit (137)", "unhealthy container")
}
