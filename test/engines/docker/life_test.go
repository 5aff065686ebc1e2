package docker

import "testing"

func stopTrap(t testing.TB, d *daemon) {
	c := d.detached(t, "trap 'echo asked; exit 5' TERM; echo up; while :; do sleep 0.1; done", "--network", "none")
	d.says(t, c, "up")
	d.ok(t, "stop", "-t", "60", c)
	equal(t, "status", d.inspect(t, c, ".State.Status")+d.inspect(t, c, ".State.ExitCode"), "exited5")
	d.prints(t, "up\nasked", "logs", c)
}

func stopKill(t testing.TB, d *daemon) {
	c := d.detached(t, "trap 'echo asked' TERM; echo up; while :; do sleep 0.1; done", "--network", "none")
	d.says(t, c, "up")
	d.ok(t, "stop", "-t", "1", c)
	equal(t, "status", d.inspect(t, c, ".State.Status")+d.inspect(t, c, ".State.ExitCode"), "exited137")
	d.prints(t, "up\nasked", "logs", c)
}

func kill(t testing.TB, d *daemon) {
	c := d.detached(t, "trap 'echo usr1' USR1; trap 'echo hup; exit 8' HUP; echo up; while :; do sleep 0.1; done", "--network", "none")
	d.says(t, c, "up")
	d.ok(t, "kill", "-s", "USR1", c)
	d.says(t, c, "up\nusr1")
	d.ok(t, "kill", "-s", "1", c)
	d.prints(t, "8", "wait", c)
	contains(t, "again", d.status(t, 1, "kill", c).Stderr, "is not running")
}

func waitRename(t testing.TB, d *daemon) {
	c := d.detached(t, "until test -e /tmp/go; do sleep 0.1; done; exit 9", "--network", "none")
	to := d.name(t)
	d.ok(t, "rename", c, to)
	status := make(chan string)
	go func() { status <- d.docker(t, "wait", to).Stdout }()
	d.ok(t, "exec", to, "touch", "/tmp/go")
	equal(t, "wait", <-status, "9\n")
	d.prints(t, "9", "wait", to)
}

func restartOnFailure(t testing.TB, d *daemon) {
	c := d.detached(t, "echo run; exit 1", "--network", "none", "--restart", "on-failure:3")
	d.waitFor(t, c, ".State.Status", "exited")
	d.waitFor(t, c, ".RestartCount", "3")
	d.says(t, c, "run\nrun\nrun\nrun")
	ok := d.detached(t, "echo run", "--network", "none", "--restart", "on-failure:3")
	d.waitFor(t, ok, ".State.Status", "exited")
	d.prints(t, "run", "logs", ok)
}

func restartAlways(t testing.TB, d *daemon) {
	c := d.detached(t, "test -e /tmp/once && "+forever+"; touch /tmp/once", "--network", "none", "--restart", "always")
	until(t, "1 running", func() string {
		return d.inspect(t, c, ".RestartCount") + " " + d.inspect(t, c, ".State.Status")
	})
	d.ok(t, "stop", "-t", "0", c)
	equal(t, "stopped", d.inspect(t, c, ".State.Status")+d.inspect(t, c, ".State.Restarting"), "exitedfalse")
}

func health(t testing.TB, d *daemon) {
	c := d.detached(t, forever, "--network", "none", "--health-cmd", "cat /tmp/fine", "--health-interval", "200ms", "--health-retries", "2")
	d.waitFor(t, c, ".State.Health.Status", "unhealthy")
	contains(t, "log", d.inspect(t, c, "json .State.Health.Log"), "can't open '/tmp/fine'")
	d.ok(t, "exec", c, "sh", "-c", "echo very well >/tmp/fine")
	d.waitFor(t, c, ".State.Health.Status", "healthy")
	contains(t, "log", d.inspect(t, c, "json .State.Health.Log"), "very well")
}
