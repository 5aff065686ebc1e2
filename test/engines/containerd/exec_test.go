package containerd

import (
	"strings"
	"testing"
)

var execs = []scenario{
	{Name: "`ctr tasks exec`: output, errors, exit status", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		r := d.executes(t, 9, id, "echo out; echo err >&2; exit 9")
		equal(t, "stdout", r.Stdout, "out")
		equal(t, "stderr", r.Stderr, "err\n")
		equal(t, "killed", d.executes(t, 137, id, "kill -9 $$").Stdout, "")
	}},
	{Name: "exec: standard input", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		equal(t, "lines", strings.TrimSpace(d.feed(t, "one\ntwo\n", d.execution(id, "read a; read b; echo $b $a")...).Stdout), "two one")
	}},
	{Name: "exec: in the container's namespaces, cgroup, environment", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t, "--env", "OWN=mine")
		const all = "cd /proc/%/ns; readlink pid mnt net ipc uts; cat /proc/%/cgroup"
		equal(t, "exec", d.exec(t, id, strings.ReplaceAll(all, "%", "self")), d.exec(t, id, strings.ReplaceAll(all, "%", "1")))
		equal(t, "environment", d.exec(t, id, "echo $OWN $FROM"), "mine image")
	}},
	{Name: "exec --cwd, --user by id and by name", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		equal(t, "directory", d.exec(t, id, "pwd; id -u", "--cwd", "/data"), "/data\n0")
		equal(t, "ids", d.exec(t, id, "id -u; id -g; grep CapEff /proc/self/status", "--user", "1234:5678"), "1234\n5678\nCapEff:\t0000000000000000")
		equal(t, "name", d.exec(t, id, "id -u; id -g", "--user", "user"), "1000\n1000")
	}},
	{Name: "exec -t: a terminal of its own", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		x := d.screen(t, d.execution(id, `until [ "$(stty size 2>/dev/null)" = "33 77" ]; do sleep 0.05; done; readlink /proc/self/fd/0; read x; echo got $x; exit 5`, "-t")...)
		x.Wait("/dev/pts/")
		x.Key("hello\r")
		x.Wait("got hello")
		x.AsBefore("5")
	}},
	{Name: "exec -d, killed by its id", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		d.ok(t, "tasks", "exec", "-d", "--exec-id", "more", id, "sleep", "2000000")
		until(t, "2", func() string { return count(d.processes(t, id)) })
		d.ok(t, "tasks", "kill", "--exec-id", "more", "-s", "SIGKILL", id)
		until(t, "1", func() string { return count(d.processes(t, id)) })
		until(t, "137", func() string { return code(d.ctr(t, "tasks", "rm", "--exec-id", "more", id)) })
		equal(t, "state", d.state(t, id), "RUNNING")
	}},
	{Name: "exec's processes end with the container", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		d.ok(t, "tasks", "exec", "-d", "--exec-id", "more", id, "sleep", "2000000")
		until(t, "2", func() string { return count(d.processes(t, id)) })
		d.ok(t, "tasks", "kill", "-s", "SIGKILL", id)
		d.waitFor(t, id, "STOPPED")
	}},
	{Name: "exec: a program that is missing", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		r := d.status(t, 1, "tasks", "exec", "--exec-id", "missing", id, "no-such-program")
		contains(t, "error", r.Stderr, "no-such-program", "executable file not found in $PATH")
		r = d.status(t, 1, "tasks", "exec", "--exec-id", "file", id, "/etc/passwd")
		contains(t, "error", r.Stderr, "/etc/passwd", "permission denied")
		equal(t, "state", d.state(t, id), "RUNNING")
	}},
	{Name: "exec in a container that has ended", Run: func(t testing.TB, d *daemon) {
		id := d.detached(t, "true")
		d.waitFor(t, id, "STOPPED")
		contains(t, "error", d.executes(t, 1, id, "true").Stderr, "cannot exec in a stopped")
	}},
}
