package docker

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func logs(t testing.TB, d *daemon) {
	c := d.Detached(t, "echo one; echo two >&2; until test -e /tmp/go; do sleep 0.1; done; echo three; exit 6", "--network", "none")
	until(t, "one two", func() string {
		r := d.Status(t, 0, "logs", c)
		return r.Stdout + " " + strings.TrimSpace(r.Stderr)
	})
	follow := make(chan string)
	go func() { follow <- d.Docker(t, "logs", "-f", c).Stdout }()
	d.OK(t, "exec", c, "touch", "/tmp/go")
	equal(t, "logs -f, which ends with the container", <-follow, "one\nthree\n")
	d.Prints(t, "three", "logs", "--tail", "1", c)
	d.Prints(t, "6", "wait", c)
}

// stats: the numbers are those of what the container does.
func stats(t testing.TB, d *daemon) {
	c := d.Detached(t, "for i in 1 2 3; do sleep 1000 & done; head -c 40m /dev/zero >/dev/shm/x; wait", "-m", "200m")
	numbers := regexp.MustCompile(`^([0-9.]+)MiB / ([0-9.]+)MiB ([0-9]+) ([0-9.]+)%$`)
	until(t, "a shell and three sleeps, 40 MB of 200", func() string {
		s := d.OK(t, "stats", "--no-stream", "--format", "{{.MemUsage}} {{.PIDs}} {{.MemPerc}}", c)
		m := numbers.FindStringSubmatch(s)
		if m == nil {
			return s
		}
		used, _ := strconv.ParseFloat(m[1], 64)
		share, _ := strconv.ParseFloat(m[4], 64)
		if used < 40 || used > 60 || m[2] != "200" || m[3] != "4" || share < 20 || share > 30 {
			return s
		}
		return "a shell and three sleeps, 40 MB of 200"
	})
	contains(t, "all", d.OK(t, "stats", "--no-stream"), c)
}

func top(t testing.TB, d *daemon) {
	c := d.Detached(t, "sleep 4321 & exec sleep 1234", "--network", "none", "-u", "user")
	until(t, "2", func() string { return strconv.Itoa(strings.Count(d.OK(t, "top", c), "sleep")) })
	words := strings.Join(strings.Fields(d.OK(t, "top", c, "-o", "pid,uid,args")), " ")
	contains(t, "top", words, "PID UID COMMAND "+d.Inspect(t, c, ".State.Pid")+" 1000 sleep 1234 ", " 1000 sleep 4321")
}

// pause: what the container does ends until it is resumed, and the engine knows.
func pause(t testing.TB, d *daemon) {
	c := d.Detached(t, "trap 'echo heard' USR1; echo up; while :; do sleep 0.1; done", "--network", "none")
	d.Says(t, c, "up")
	d.OK(t, "pause", c)
	equal(t, "status", d.Inspect(t, c, ".State.Status"), "paused")
	equal(t, "freezer", d.frozen(t, c), "frozen")
	contains(t, "exec", say(d.Status(t, 1, "exec", c, "true")), "is paused")
	d.OK(t, "unpause", c)
	equal(t, "status", d.Inspect(t, c, ".State.Status"), "running")
	d.OK(t, "kill", "-s", "USR1", c)
	d.Says(t, c, "up\nheard")
	d.OK(t, "pause", c)
	d.OK(t, "kill", "-s", "USR1", c) // has Docker resume it
	d.Says(t, c, "up\nheard\nheard")
	d.OK(t, "pause", c)
	d.OK(t, "rm", "-f", c)
}
