package docker

import "testing"

func stopTrap(t testing.TB, d *daemon) {
	c := d.Detached(t, "trap 'echo asked; exit 5' TERM; echo up; while :; do sleep 0.1; done", "--network", "none")
	d.Says(t, c, "up")
	d.OK(t, "stop", "-t", "60", c)
	equal(t, "status", d.Inspect(t, c, ".State.Status")+d.Inspect(t, c, ".State.ExitCode"), "exited5")
	d.Prints(t, "up\nasked", "logs", c)
}

func stopKill(t testing.TB, d *daemon) {
	c := d.Detached(t, "trap 'echo asked' TERM; echo up; while :; do sleep 0.1; done", "--network", "none")
	d.Says(t, c, "up")
	d.OK(t, "stop", "-t", "1", c)
	equal(t, "status", d.Inspect(t, c, ".State.Status")+d.Inspect(t, c, ".State.ExitCode"), "exited137")
	d.Prints(t, "up\nasked", "logs", c)
}

func kill(t testing.TB, d *daemon) {
	c := d.Detached(t, "trap 'echo usr1' USR1; trap 'echo hup; exit 8' HUP; echo up; while :; do sleep 0.1; done", "--network", "none")
	d.Says(t, c, "up")
	d.OK(t, "kill", "-s", "USR1", c)
	d.Says(t, c, "up\nusr1")
	d.OK(t, "kill", "-s", "1", c)
	d.Prints(t, "8", "wait", c)
	contains(t, "again", d.Status(t, 1, "kill", c).Stderr, "is not running")
}

func waitRename(t testing.TB, d *daemon) {
	c := d.Detached(t, "until test -e /tmp/go; do sleep 0.1; done; exit 9", "--network", "none")
	to := d.Name(t)
	d.OK(t, "rename", c, to)
	status := make(chan string)
	go func() { status <- d.Docker(t, "wait", to).Stdout }()
	d.OK(t, "exec", to, "touch", "/tmp/go")
	equal(t, "wait", <-status, "9\n")
	d.Prints(t, "9", "wait", to)
}

func restartOnFailure(t testing.TB, d *daemon) {
	c := d.Detached(t, "echo run; exit 1", "--network", "none", "--restart", "on-failure:3")
	d.WaitFor(t, c, ".State.Status", "exited")
	d.WaitFor(t, c, ".RestartCount", "3")
	d.Says(t, c, "run\nrun\nrun\nrun")
	ok := d.Detached(t, "echo run", "--network", "none", "--restart", "on-failure:3")
	d.WaitFor(t, ok, ".State.Status", "exited")
	d.Prints(t, "run", "logs", ok)
}

func restartAlways(t testing.TB, d *daemon) {
	c := d.Detached(t, "test -e /tmp/once && "+forever+"; touch /tmp/once", "--network", "none", "--restart", "always")
	until(t, "1 running", func() string {
		return d.Inspect(t, c, ".RestartCount") + " " + d.Inspect(t, c, ".State.Status")
	})
	d.OK(t, "stop", "-t", "0", c)
	equal(t, "stopped", d.Inspect(t, c, ".State.Status")+d.Inspect(t, c, ".State.Restarting"), "exitedfalse")
}

func health(t testing.TB, d *daemon) {
	c := d.Detached(t, forever, "--network", "none", "--health-cmd", "cat /tmp/fine", "--health-interval", "200ms", "--health-retries", "2")
	d.WaitFor(t, c, ".State.Health.Status", "unhealthy")
	contains(t, "log", d.Inspect(t, c, "json .State.Health.Log"), "can't open '/tmp/fine'")
	d.OK(t, "exec", c, "sh", "-c", "echo very well >/tmp/fine")
	d.WaitFor(t, c, ".State.Health.Status", "healthy")
	contains(t, "log", d.Inspect(t, c, "json .State.Health.Log"), "very well")
}
