package podman

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

const server = "while :; do echo hello from the box | nc -l -p 8080; done"

func bridges() []scenario {
	return []scenario{
		{Name: "--network=bridge: two containers talk", Run: bridged},
		{Name: "--publish: reached from the host", Run: published},
		{Name: "--network=container:NAME", Run: joinedNetwork},
	}
}

// usersNetworks: slirp4netns needs /dev/net/tun, which is not every machine's
// users' to open.
func usersNetworks() []scenario {
	return []scenario{{Name: "--network=container:NAME", Run: joinedNetwork}}
}

func bridged(t testing.TB, p *podman) {
	p.background(t, "server", server, "--network", "bridge")
	address := p.inspect(t, "server", "{{.NetworkSettings.IPAddress}}")
	within(t, "the server answers another container", func() bool {
		return p.sh(t, "nc -w 5 "+address+" 8080", "--network", "bridge").Stdout == "hello from the box\n"
	})
}

func published(t testing.TB, p *podman) {
	p.background(t, "server", server, "--network", "bridge", "--publish", "127.0.0.1:18080:8080")
	equal(t, "port", p.ok(t, "port", "server"), "8080/tcp -> 127.0.0.1:18080")
	p.answers(t)
}

// answers asks from the place's own network namespace.
func (p *podman) answers(t testing.TB) {
	t.Helper()
	within(t, "the server answers the host", func() bool {
		return p.Do(t, "busybox", "nc", "-w", "5", "127.0.0.1", "18080").Stdout == "hello from the box\n"
	})
}

func joinedNetwork(t testing.TB, p *podman) {
	p.background(t, "first", "sleep 1000", "--network", "none")
	ns := p.ok(t, "exec", "first", "readlink", "/proc/self/ns/net")
	r := p.sh(t, "readlink /proc/self/ns/net; readlink /proc/self/ns/ipc", "--network", "container:first", "--ipc", "container:first")
	equal(t, "namespaces", r, kegtest.Result{Stdout: ns + "\n" + p.ok(t, "exec", "first", "readlink", "/proc/self/ns/ipc") + "\n"})
	r = p.sh(t, "ps -o args | grep -c 'sleep [1]000'", "--pid", "container:first")
	equal(t, "processes", strings.TrimSpace(r.Stdout), "1")
}
