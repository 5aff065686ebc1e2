package docker

import (
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

const forever = "exec sleep 1000"

func execOutput(t testing.TB, d *daemon) {
	c := d.Detached(t, forever, "-e", "FROM=config")
	d.Prints(t, "1000\n1000\n/tmp\nexec config", "exec", "-u", "user", "-w", "/tmp", "-e", "A=exec", c,
		"sh", "-c", "id -u; id -g; pwd; echo $A $FROM")
	r := d.Status(t, 0, "exec", c, "sh", "-c", "echo out; echo err >&2; cat /proc/1/comm")
	equal(t, "standard output", r.Stdout, "out\nsleep")
	equal(t, "standard error", r.Stderr, "err\n")
	cmd := d.Command(client, "exec", "-i", c, "tr", "a-z", "A-Z")
	cmd.Stdin = strings.NewReader("typed\n")
	equal(t, "of standard input", kegtest.Finish(t, cmd).Stdout, "TYPED\n")
	d.Prints(t, "", "exec", "-d", c, "sh", "-c", "echo done >/tmp/detached")
	until(t, "done\n", func() string { return d.Docker(t, "exec", c, "cat", "/tmp/detached").Stdout })
}

func execStatus(t testing.TB, d *daemon) {
	c := d.Detached(t, forever, "--network", "none")
	d.Status(t, 5, "exec", c, "sh", "-c", "exit 5")
	contains(t, "a directory", say(d.Status(t, 126, "exec", c, "/etc")), "permission denied")
	contains(t, "a name", say(d.Status(t, 126, "exec", c, "nosuch")), "executable file not found in $PATH")
	contains(t, "a path", say(d.Status(t, 126, "exec", c, "/no/such")), "no such file or directory")
	d.Status(t, 137, "exec", c, "sh", "-c", "kill -9 $$")
	d.OK(t, "exec", c, "true")
}

// say is all that the client has said, on whichever stream.
func say(r kegtest.Result) string { return r.Stdout + r.Stderr }

func execTerminal(t testing.TB, d *daemon) {
	c := d.Detached(t, forever, "--network", "none")
	x := d.screen(t, "exec -it -u user "+c+" sh")
	x.Wait("$ ")
	x.Key("tty; " + size + "; id -u; ps | grep -c [s]leep\r")
	x.Wait("/dev/pts/0\r\n33 77\r\n1000\r\n1\r\n")
	interrupt(x)
	x.Resize(20, 60)
	x.Key("until test \"$(stty size)\" = '20 60'; do :; done; exit 9\r")
	x.AsBefore("9")
}

func execPrivileged(t testing.TB, d *daemon) {
	c := d.Detached(t, forever, "--network", "none", "--cap-drop", "ALL")
	const script = "ip link set lo down && chown 5 /data && echo done" // which seccomp's default profile allows
	contains(t, "link", say(d.Status(t, 2, "exec", c, "sh", "-c", script)), "Operation not permitted")
	d.Prints(t, "done\n"+effectiveHere(t), "exec", "--privileged", c, "sh", "-c", script+"; "+effective)
}
