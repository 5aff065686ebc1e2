package dockerd

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

// Client is the one that belongs to the daemon; another may come first in PATH.
const Client = "/usr/bin/docker"

// Environment is the client's: of this machine's configuration it takes nothing.
func (d *Daemon) Environment() []string {
	return []string{"DOCKER_HOST=unix://" + d.Dir + "/socket", "DOCKER_CONFIG=" + d.Dir + "/config", "DOCKER_BUILDKIT=0"}
}

// Command is the client, or another program that is one.
func (d *Daemon) Command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), d.Environment()...)
	return cmd
}

// Docker is the client, run to its end.
func (d *Daemon) Docker(t testing.TB, args ...string) kegtest.Result {
	t.Helper()
	return kegtest.Finish(t, d.Command(Client, args...))
}

// OK is what the client prints when it succeeds.
func (d *Daemon) OK(t testing.TB, args ...string) string {
	t.Helper()
	return d.Status(t, 0, args...).Stdout
}

// Status is what the client prints when it ends so.
func (d *Daemon) Status(t testing.TB, want int, args ...string) kegtest.Result {
	t.Helper()
	r := d.Docker(t, args...)
	r.Stdout = strings.TrimSuffix(r.Stdout, "\n")
	if r.Code != want {
		said, _, _ := strings.Cut(r.Stderr, "\ntime=") // the client's log comes after
		t.Fatalf("docker %s: exit status %d, want %d\n%s%s", strings.Join(args, " "), r.Code, want, r.Stdout, said)
	}
	return r
}

// Prints checks what a command of the client prints, but for the last newline.
func (d *Daemon) Prints(t testing.TB, want string, args ...string) {
	t.Helper()
	engines.Equal(t, strings.Join(args, " "), d.OK(t, args...), want)
}

// Run is the output of a short-lived container: flags, "--", a shell script.
func (d *Daemon) Run(t testing.TB, script string, flags ...string) string {
	t.Helper()
	return d.OK(t, Line("run --rm", flags, script)...)
}

// Line is a command line of the client with a script for a container.
func Line(verb string, flags []string, script string) []string {
	args := append(strings.Fields(verb), flags...)
	return append(args, Image, "sh", "-c", script)
}

// Detached is the name of a container that goes on by itself.
func (d *Daemon) Detached(t testing.TB, script string, flags ...string) string {
	t.Helper()
	name := d.Name(t)
	d.OK(t, Line("run -d --name "+name, flags, script)...)
	return name
}

// Name is for a container, which is gone after the scenario.
func (d *Daemon) Name(t testing.TB) string {
	d.names++
	name := "c" + strconv.Itoa(d.names)
	t.Cleanup(func() { d.Docker(t, "rm", "-fv", name) })
	return name
}

// Inspect is a field of a container.
func (d *Daemon) Inspect(t testing.TB, container, field string) string {
	t.Helper()
	return d.OK(t, "inspect", "-f", "{{"+field+"}}", container)
}

// WaitFor waits until a field of a container has a value.
func (d *Daemon) WaitFor(t testing.TB, container, field, want string) {
	t.Helper()
	engines.Until(t, want, func() string { return d.Inspect(t, container, field) })
}

// Says waits until the container has printed it.
func (d *Daemon) Says(t testing.TB, container, want string) {
	t.Helper()
	engines.Until(t, want, func() string { return d.OK(t, "logs", container) })
}
