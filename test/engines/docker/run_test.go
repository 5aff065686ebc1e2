package docker

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// info: what `keg --version` says is what Docker shows of its runtime.
func info(t testing.TB, d *daemon) {
	version, err := exec.Command(d.Runtime.Path, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	name := d.Runtime.Name
	d.Prints(t, name, "info", "--format", "{{.DefaultRuntime}}")
	contains(t, "docker info", d.OK(t, "info"), "Default Runtime: "+name, "Runtimes: ", " "+name)
	lines := strings.Split(string(version), "\n")
	d.Prints(t, strings.TrimPrefix(lines[0], name+" version "), "version", "--format",
		`{{range .Server.Components}}{{if eq .Name "`+name+`"}}{{.Version}}{{end}}{{end}}`)
	d.Prints(t, strings.TrimPrefix(lines[1], "commit: "), "info", "--format", "{{.RuncCommit.ID}}")
}

func streams(t testing.TB, d *daemon) {
	r := d.Status(t, 0, command("run --rm", nil, "echo out; echo err >&2")...)
	equal(t, "standard output", r.Stdout, "out")
	equal(t, "standard error", r.Stderr, "err\n")
	cmd := d.Command(client, "run", "--rm", "-i", image, "tr", "a-z", "A-Z")
	cmd.Stdin = strings.NewReader("typed\n")
	equal(t, "of standard input", kegtest.Finish(t, cmd).Stdout, "TYPED\n")
}

func exitStatus(t testing.TB, d *daemon) {
	run := func(want int, args ...string) string {
		t.Helper()
		return d.Status(t, want, append([]string{"run", "--rm", "--network", "none"}, args...)...).Stderr
	}
	run(0, image, "true")
	run(3, image, "sh", "-c", "exit 3")
	run(125, "--memory", "1k", image, "true")
	contains(t, "a directory", run(126, image, "/etc"), "permission denied")
	contains(t, "a file without x", run(126, image, "/etc/passwd"), "permission denied")
	contains(t, "a name", run(127, image, "nosuch"), `nosuch`, "executable file not found in $PATH")
	contains(t, "a path", run(127, image, "/no/such"), `/no/such`, "no such file or directory")
}

func signalled(t testing.TB, d *daemon) {
	name := d.Name(t)
	cmd := d.Command(client, "run", "--name", name, image, "sh", "-c", "echo up; exec sleep 1000")
	status := make(chan int)
	go func() { status <- kegtest.Finish(t, cmd).Code }()
	until(t, "up", func() string { return strings.TrimSpace(d.Docker(t, "logs", name).Stdout) })
	d.OK(t, "kill", name)
	if got := <-status; got != 137 {
		t.Errorf("docker run: exit status %d", got)
	}
	equal(t, "inspect", d.Inspect(t, name, ".State.ExitCode"), "137")
}

// size prints the terminal's, which is none until the client has told the daemon: then
// stty prints nothing, and says that all is well.
const size = "until stty size 2>/dev/null | grep -v '^0'; do sleep 0.1; done"

func terminal(t testing.TB, d *daemon) {
	x := d.screen(t, "run -it --name "+d.Name(t)+" "+image+" sh")
	x.Wait("# ")
	x.Key("tty; " + size + "\r")
	x.Wait("/dev/pts/0\r\n33 77\r\n")
	interrupt(x)
	x.Key("test -t 0 -a -t 1 -a -t 2 && exit 7\r")
	x.AsBefore("7")
}

// interrupt has the shell on the terminal run a program that Ctrl-C ends.
func interrupt(x *kegtest.Terminal) {
	x.Key(`sh -c 'trap "echo caught; exit" INT; echo armed; while :; do sleep 0.1; done'` + "\r")
	x.Wait("armed\r\n")
	x.Key(kegtest.CtrlC)
	x.Wait("caught\r\n")
}

func detach(t testing.TB, d *daemon) {
	name := d.Name(t)
	x := d.screen(t, "run -it --name "+name+" "+image+" cat")
	raw(t, x)
	x.Key("first\r")
	x.Wait("first\r\nfirst\r\n")
	x.Key("\x10\x11") // ctrl-p ctrl-q
	x.AsBefore("0")
	y := d.screen(t, "attach "+name)
	raw(t, y)
	y.Key("second\r")
	y.Wait("second\r\nsecond\r\n")
	y.Key("\x04") // the end of the input
	y.AsBefore("0")
	equal(t, "inspect", d.Inspect(t, name, ".State.Status"), "exited")
}

// raw waits until keys go to the container.
func raw(t testing.TB, x *kegtest.Terminal) {
	t.Helper()
	until(t, "true", func() string { return strconv.FormatBool(x.Raw()) })
}

func process(t testing.TB, d *daemon) {
	script := "id -u; id -g; id -G; pwd; echo $A; hostname; echo $HOME"
	equal(t, "by number", d.Run(t, script, "-u", "5:6", "--group-add", "7", "-w", "/made/now", "-e", "A=b c", "--hostname", "here"),
		"5\n6\n6 7\n/made/now\nb c\nhere\n/")
	equal(t, "by name", d.Run(t, script, "-u", "user", "--hostname", "there"), "1000\n1000\n1000\n/\n\nthere\n/home/user")
	equal(t, "by default", d.Run(t, script, "--hostname", "where"), "0\n0\n0\n/\n\nwhere\n/root")
}

func createStart(t testing.TB, d *daemon) {
	name := d.Name(t)
	d.OK(t, "create", "--name", name, image, "sh", "-c", "echo run >>/tmp/runs; cat /tmp/runs; exit 4")
	equal(t, "created", d.Inspect(t, name, ".State.Status"), "created")
	equal(t, "first", d.Status(t, 4, "start", "-a", name).Stdout, "run")
	equal(t, "second", d.Status(t, 4, "start", "-a", name).Stdout, "run\nrun")
	d.OK(t, "restart", name)
	d.WaitFor(t, name, ".State.Status", "exited")
	d.Prints(t, "run\nrun\nrun\nrun\nrun\nrun", "logs", name)
	d.OK(t, "rm", name)
	contains(t, "gone", d.Status(t, 1, "inspect", name).Stderr, "No such object")
}
