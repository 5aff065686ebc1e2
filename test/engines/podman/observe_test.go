package podman

import (
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func observing() []scenario {
	return []scenario{
		{Name: "info names the runtime", Run: info},
		{Name: "top", Run: top},
		{Name: "ps, inspect", Run: inspected},
		{Name: "events", Run: events},
		{Name: "logs --follow", Run: followed},
		{Name: "attach", Run: attached},
		{Name: "healthcheck run", Run: healthcheck},
		{Name: "a container whose program was killed is noticed", Run: killedOutside},
	}
}

func info(t testing.TB, p *podman) {
	equal(t, "name and path", p.ok(t, "info", "--format", "{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}"), p.Runtime.Name+" "+p.Runtime.Path)
	matches(t, "version", p.ok(t, "info", "--format", "{{.Host.OCIRuntime.Version}}"), "^"+p.Runtime.Name+` version \S+\ncommit: .*\nspec: 1\.`)
}

func top(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000 & exec sleep 2000")
	within(t, "both processes are shown", func() bool {
		out := p.ok(t, "top", "box", "pid", "args")
		return strings.Contains(out, "sleep 1000") && strings.Contains(out, "1           sleep 2000")
	})
}

func inspected(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000", "--hostname", "inside", "--label", "a=b")
	matches(t, "ps", p.ok(t, "ps"), `busybox:latest +sh -c sleep 1000 .* Up .* box`)
	pid, err := strconv.Atoi(p.inspect(t, "box", "{{.State.Pid}}"))
	if err != nil || pid < 2 {
		t.Errorf("pid %d, %v", pid, err)
	}
	equal(t, "runtime", p.inspect(t, "box", "{{.OCIRuntime}} {{.State.Status}} {{.Config.Hostname}}"), p.Runtime.Name+" running inside")
	equal(t, "ps --filter", p.ok(t, "ps", "--filter", "label=a=b", "--format", "{{.Names}}"), "box")
}

func events(t testing.TB, p *podman) {
	p.background(t, "watched", "exit 2")
	p.ok(t, "wait", "watched")
	p.ok(t, "rm", "watched")
	out := p.ok(t, "events", "--stream=false", "--filter", "container=watched", "--format", "{{.Status}}")
	var seen []string
	for line := range strings.Lines(out) {
		if s := strings.TrimSpace(line); strings.Contains("create init start died remove", s) {
			seen = append(seen, s)
		}
	}
	contains(t, "events", strings.Join(seen, " "), "create init start died")
}

func followed(t testing.TB, p *podman) {
	p.background(t, "box", "for i in 1 2 3; do echo line $i; sleep 0.1; done")
	equal(t, "logs", p.do(t, "logs", "--follow", "box"), kegtest.Result{Stdout: "line 1\nline 2\nline 3\n"})
}

func attached(t testing.TB, p *podman) {
	p.background(t, "box", "echo ready; read line; echo got $line; exit 8", "--interactive")
	p.ready(t, "box")
	r := p.Input(t, "typed\n", "podman", p.args([]string{"attach", "box"})...)
	contains(t, "output", r.Stdout, "got typed\n")
	equal(t, "wait", p.ok(t, "wait", "box"), "8")
}

// Without systemd no timer runs it.
func healthcheck(t testing.TB, p *podman) {
	p.background(t, "box", "touch /tmp/well; sleep 1000", "--health-cmd", "test -e /tmp/well", "--health-retries", "1", "--health-interval", "disable")
	within(t, "it is well", func() bool { return p.do(t, "healthcheck", "run", "box").Code == 0 })
	equal(t, "health", p.inspect(t, "box", "{{.State.Health.Status}}"), "healthy")
	p.ok(t, "exec", "box", "rm", "/tmp/well")
	equal(t, "exit status", p.do(t, "healthcheck", "run", "box").Code, 1)
	equal(t, "health", p.inspect(t, "box", "{{.State.Health.Status}}"), "unhealthy")
}

func killedOutside(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000")
	if r := p.Do(t, "kill", "-9", p.inspect(t, "box", "{{.State.Pid}}")); r.Code != 0 && !p.Account.Rootless() {
		t.Fatal(r.Stderr)
	} else if r.Code != 0 { // its root is another user's
		p.ok(t, "unshare", "kill", "-9", p.inspect(t, "box", "{{.State.Pid}}"))
	}
	equal(t, "wait", p.ok(t, "wait", "box"), "137")
	equal(t, "state", p.inspect(t, "box", "{{.State.Status}}"), "exited")
}
