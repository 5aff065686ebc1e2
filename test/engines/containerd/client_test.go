package containerd

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/kegtest"
)

var (
	until    = engines.Until
	equal    = engines.Equal
	contains = engines.Contains
	write    = engines.Write
)

func (d *daemon) client(args ...string) []string {
	return append([]string{"ctr", "--address", d.file("socket"), "--namespace", d.namespace}, args...)
}

// ctr is the client, run to its end.
func (d *daemon) ctr(t testing.TB, args ...string) kegtest.Result {
	t.Helper()
	return d.feed(t, "", args...)
}

func (d *daemon) feed(t testing.TB, stdin string, args ...string) kegtest.Result {
	t.Helper()
	cmd := d.within(d.client(args...)...)
	if stdin != "" {
		cmd.Stdin = input{cmd, strings.NewReader(stdin)}
	}
	return kegtest.Finish(t, cmd)
}

// ok is what the client prints when it succeeds.
func (d *daemon) ok(t testing.TB, args ...string) string {
	t.Helper()
	return d.status(t, 0, args...).Stdout
}

// status is what the client prints when it ends so.
func (d *daemon) status(t testing.TB, want int, args ...string) kegtest.Result {
	t.Helper()
	r := d.ctr(t, args...)
	r.Stdout = strings.TrimSuffix(r.Stdout, "\n")
	if r.Code != want {
		t.Fatalf("ctr %q: exit status %d, want %d\n%s%s", args, r.Code, want, r.Stdout, r.Stderr)
	}
	return r
}

// binary are the flags that switch containerd to a runtime.
func (d *daemon) binary() []string {
	return []string{"--runc-binary", d.runtime.Path, "--runc-root", d.file("runc")}
}

// command is a command line of the client's that runs a script in a container.
func (d *daemon) command(verb, id, script string, flags []string) []string {
	args := append(strings.Fields(verb), d.binary()...)
	args = append(args, flags...)
	return append(args, image, id, "sh", "-c", script)
}

// listens has a script wait for its client's line.
const listens = "read _; "

// short is a short-lived container, which ends so.
func (d *daemon) short(t testing.TB, want int, script string, flags ...string) kegtest.Result {
	t.Helper()
	return d.ends(t, want, d.command("run --rm", d.name(t), listens+script, flags))
}

// ends feeds a line to what listens.
func (d *daemon) ends(t testing.TB, want int, args []string) kegtest.Result {
	t.Helper()
	r := d.feed(t, "\n", args...)
	r.Stdout = strings.TrimSuffix(r.Stdout, "\n")
	if r.Code != want {
		t.Fatalf("ctr %q: exit status %d, want %d\n%s%s", args, r.Code, want, r.Stdout, r.Stderr)
	}
	return r
}

// run is the output of a short-lived container.
func (d *daemon) run(t testing.TB, script string, flags ...string) string {
	t.Helper()
	return d.short(t, 0, script, flags...).Stdout
}

// prints checks what a short-lived container prints, but for the last newline.
func (d *daemon) prints(t testing.TB, want, script string, flags ...string) {
	t.Helper()
	equal(t, script, d.run(t, script, flags...), want)
}

// detached is the id of a container that goes on by itself.
func (d *daemon) detached(t testing.TB, script string, flags ...string) string {
	t.Helper()
	id := d.name(t)
	d.ok(t, d.command("run -d", id, script, flags)...)
	return id
}

// sleeper is one that waits to be killed.
func (d *daemon) sleeper(t testing.TB, flags ...string) string {
	t.Helper()
	return d.detached(t, "exec sleep 1000000", flags...)
}

// name is for a container, which is gone after the scenario.
func (d *daemon) name(t testing.TB) string {
	d.names++
	id := "c" + strconv.Itoa(d.names)
	t.Cleanup(func() { d.remove(t, id) })
	return id
}

func (d *daemon) remove(t testing.TB, id string) {
	t.Helper()
	if r := d.ctr(t, "containers", "info", id); r.Code != 0 {
		return
	}
	until(t, "", func() string {
		d.ctr(t, "tasks", "rm", "--force", id)
		return d.state(t, id)
	})
	d.ok(t, "containers", "rm", id)
}

// task is the line of `ctr tasks ls` about a container.
func (d *daemon) task(t testing.TB, id string) (pid int, status string) {
	t.Helper()
	for line := range strings.Lines(d.ok(t, "tasks", "ls")) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == id {
			pid, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatalf("%v: %q", err, line)
			}
			return pid, fields[2]
		}
	}
	return 0, ""
}

func (d *daemon) state(t testing.TB, id string) string {
	t.Helper()
	_, status := d.task(t, id)
	return status
}

func (d *daemon) pid(t testing.TB, id string) int {
	t.Helper()
	pid, status := d.task(t, id)
	if status != "RUNNING" && status != "PAUSED" {
		t.Fatalf("%s is %q", id, status)
	}
	return pid
}

// waitFor waits until the task is in this state.
func (d *daemon) waitFor(t testing.TB, id, status string) {
	t.Helper()
	until(t, status, func() string { return d.state(t, id) })
}

// exec is the output of one more process in a container.
func (d *daemon) exec(t testing.TB, id, script string, flags ...string) string {
	t.Helper()
	return d.executes(t, 0, id, script, flags...).Stdout
}

// executes is one more process in a container, which ends so.
func (d *daemon) executes(t testing.TB, want int, id, script string, flags ...string) kegtest.Result {
	t.Helper()
	return d.ends(t, want, d.execution(id, listens+script, flags...))
}

func (d *daemon) execution(id, script string, flags ...string) []string {
	d.names++
	args := append([]string{"tasks", "exec", "--exec-id", "e" + strconv.Itoa(d.names)}, flags...)
	return append(args, id, "sh", "-c", script)
}

// screen shows what the client does on a terminal of 33 by 77.
func (d *daemon) screen(t testing.TB, args ...string) *kegtest.Terminal {
	t.Helper()
	var words strings.Builder
	for _, a := range d.within(d.client(args...)...).Args {
		fmt.Fprintf(&words, " '%s'", strings.ReplaceAll(a, "'", `'\''`))
	}
	return kegtest.OnTerminal(t, "bash", "-c", "stty rows 33 cols 77;"+words.String())
}

// setting is what a file of the container's cgroup says: v1's of a controller, or v2's.
func (d *daemon) setting(t testing.TB, pid int, controller, v1, v2 string) string {
	t.Helper()
	file := filepath.Join("/sys/fs/cgroup", cgroupOf(t, pid, ""), v2)
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err != nil {
		file = filepath.Join("/sys/fs/cgroup", controller, cgroupOf(t, pid, controller), v1)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// cgroupOf is the cgroup that a process is in; the unified hierarchy's controller is "".
func cgroupOf(t testing.TB, pid int, controller string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.SplitN(strings.TrimSpace(line), ":", 3); fields[1] == controller {
			return fields[2]
		}
	}
	t.Fatalf("no controller %q in %s", controller, text)
	return ""
}
