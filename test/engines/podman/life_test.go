package podman

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

func living() []scenario {
	return []scenario{
		{Name: "stop: the program ends by itself", Run: stopGrace},
		{Name: "stop: the program is killed after the time", Run: stopKilled},
		{Name: "kill, with a signal and without", Run: killed},
		{Name: "restart", Run: restarted},
		{Name: "--restart=on-failure:2", Run: restartPolicy},
		{Name: "--timeout", Run: timeLimit},
		{Name: "--rm leaves nothing", Run: removedAfter},
		{Name: "rm --force of a running container", Run: removedRunning},
		{Name: "--init: zombies are reaped, signals passed on", Run: withInit},
		{Name: "commit, diff, cp, export", Run: copied},
	}
}

const trapping = "trap 'echo ending; exit 5' TERM; trap 'echo user; exit 6' USR1; echo ready; while :; do sleep 0.1; done"

// ready waits until the program has shown that it runs.
func (p *podman) ready(t testing.TB, name string) {
	t.Helper()
	within(t, name+" is ready", func() bool { return strings.Contains(p.do(t, "logs", name).Stdout, "ready\n") })
}

func stopGrace(t testing.TB, p *podman) {
	p.background(t, "box", trapping)
	p.ready(t, "box")
	equal(t, "stop", p.do(t, "stop", "--time", "100", "box"), kegtest.Result{Stdout: "box\n"})
	equal(t, "status", p.inspect(t, "box", "{{.State.Status}} {{.State.ExitCode}}"), "exited 5")
	equal(t, "logs", p.ok(t, "logs", "box"), "ready\nending")
}

// A pid 1 ignores signals that it has no handler for.
func stopKilled(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000")
	r := p.do(t, "stop", "--time", "1", "box")
	equal(t, "exit status", r.Code, 0)
	contains(t, "stop", r.Stderr, "StopSignal SIGTERM failed to stop container box in 1 seconds, resorting to SIGKILL")
	equal(t, "status", p.inspect(t, "box", "{{.State.Status}} {{.State.ExitCode}}"), "exited 137")
}

func killed(t testing.TB, p *podman) {
	p.background(t, "box", trapping)
	p.ready(t, "box")
	p.ok(t, "kill", "--signal", "USR1", "box")
	equal(t, "wait", p.ok(t, "wait", "box"), "6")
	p.background(t, "another", "sleep 1000")
	p.ok(t, "kill", "another")
	equal(t, "wait", p.ok(t, "wait", "another"), "137")
	equal(t, "kill of what has ended", p.do(t, "kill", "another").Code, 125)
}

func restarted(t testing.TB, p *podman) {
	p.background(t, "box", "echo $$ began; "+trapping)
	p.ready(t, "box")
	first := p.inspect(t, "box", "{{.State.Pid}}")
	p.ok(t, "restart", "--time", "100", "box")
	within(t, "it runs again", func() bool { return strings.Count(p.ok(t, "logs", "box"), "1 began") == 2 })
	if second := p.inspect(t, "box", "{{.State.Pid}}"); second == first || second == "0" {
		t.Errorf("the pid was %s, is %s", first, second)
	}
}

func restartPolicy(t testing.TB, p *podman) {
	p.background(t, "box", "echo again; exit 3", "--restart", "on-failure:2")
	within(t, "it was restarted twice", func() bool {
		return p.inspect(t, "box", "{{.RestartCount}} {{.State.Status}}") == "2 exited"
	})
	equal(t, "logs", p.ok(t, "logs", "box"), "again\nagain\nagain")
}

func timeLimit(t testing.TB, p *podman) {
	r := p.sh(t, "echo begun; sleep 1000", "--timeout", "1")
	equal(t, "output", r.Stdout, "begun\n")
	equal(t, "exit status", r.Code, 255)
}

func removedAfter(t testing.TB, p *podman) {
	p.ok(t, "run", "--rm", "--name", "gone", image, "true")
	within(t, "it is gone", func() bool { return p.do(t, "container", "exists", "gone").Code == 1 })
}

func removedRunning(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000 & sleep 1000")
	pid := p.inspect(t, "box", "{{.State.Pid}}")
	p.ok(t, "rm", "--force", "--time", "0", "box")
	equal(t, "exists", p.do(t, "container", "exists", "box").Code, 1)
	if r := p.Do(t, "kill", "-0", pid); r.Code == 0 {
		t.Errorf("process %s is there still", pid)
	}
}

func withInit(t testing.TB, p *podman) {
	p.background(t, "box", "(sleep 0.1 &); "+trapping, "--init")
	p.ready(t, "box")
	contains(t, "pid 1", p.ok(t, "exec", "box", "cat", "/proc/1/cmdline"), "podman-init")
	within(t, "no zombie is left", func() bool {
		return !strings.Contains(p.ok(t, "exec", "box", "sh", "-c", "cat /proc/[0-9]*/stat"), " Z ")
	})
	p.ok(t, "stop", "--time", "100", "box")
	equal(t, "status", p.inspect(t, "box", "{{.State.ExitCode}}"), "5")
}

func copied(t testing.TB, p *podman) {
	p.background(t, "box", "echo text >/data/file; rm /etc/group; echo ready; sleep 1000")
	p.ready(t, "box")
	diff := p.ok(t, "diff", "box")
	contains(t, "diff", diff, "A /data/file")
	contains(t, "diff", diff, "D /etc/group")
	p.ok(t, "cp", "box:/data/file", p.Path("tmp/file"))
	p.ok(t, "cp", p.Path("tmp/file"), "box:/data/copy")
	equal(t, "cp", p.ok(t, "exec", "box", "cat", "/data/copy"), "text")
	p.ok(t, "commit", "--quiet", "box", "localhost/committed")
	t.Cleanup(func() { p.do(t, "rmi", "--force", "localhost/committed") })
	equal(t, "the new image", p.ok(t, "run", "--rm", "localhost/committed", "cat", "/data/copy"), "text")
}
