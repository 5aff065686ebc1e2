package docker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/keg-project/keg/test/engines"
	"github.com/keg-project/keg/test/engines/dockerd"
)

// deaths are of the engine's own processes.
var deaths = []engines.Scenario[*daemon]{
	{Name: "a shim is killed: its container has exited, and can be started again", Run: shimKilled},
	{Name: "containerd is killed while containers are started", Run: containerdKilled},
	{Name: "dockerd is killed while containers are started", Run: daemonKilled},
	{Name: "the same with live restore", Run: daemonKilledLive},
}

// TestDeaths: whatever of the engine is killed, what it says of containers is
// true in the end, and nothing of them lives on.
func TestDeaths(t *testing.T) {
	engines.Need(t, "dockerd", client, "containerd", "iptables", "ip", "nsenter", "busybox")
	engines.Engine[*daemon]{Name: "docker-deaths", Title: dockerd.Title(t), Start: start}.Run(t, deaths)
}

// several are how many containers are being started meanwhile.
const several = 12

func shimKilled(t testing.TB, d *daemon) {
	kept := d.Detached(t, forever, "--network", "none")
	lost := d.Detached(t, forever, "--network", "none", "--tmpfs", "/t", "-v", "/anonymous")
	pid, id := d.pid(t, lost), d.Inspect(t, lost, ".Id")
	if len(d.traces(t, id)) == 0 {
		t.Fatal("nothing of a running container is found")
	}
	for _, shim := range d.Shims() {
		if shim.Container == id {
			signal(t, shim.PID)
		}
	}
	d.WaitFor(t, lost, ".State.Status", "exited")
	if alive(pid) {
		t.Error("the process of a container that has exited lives on")
	}
	until(t, "", func() string { return strings.Join(d.traces(t, id), "\n") })
	d.Prints(t, "running", "inspect", "-f", "{{.State.Status}}", kept)
	d.Prints(t, "here", "exec", kept, "echo", "here")
	d.OK(t, "start", lost)
	d.Prints(t, "again", "exec", lost, "echo", "again")
}

// TestKilledShims: every third shim is killed while containers are started. It is
// keg's alone: what a runtime leaves that is killed with the shim is its own affair.
func TestKilledShims(t *testing.T) {
	engines.Need(t, "dockerd", client, "containerd", "iptables", "ip", "nsenter", "busybox")
	d := start(t, engines.Runtimes(t)[1])
	kept := d.Detached(t, forever, "--network", "none")
	stop := make(chan bool)
	var killer sync.WaitGroup
	killer.Go(func() { d.killShims(t, stop, d.Inspect(t, kept, ".Id")) })
	names := d.started(t)
	close(stop)
	killer.Wait()
	d.truthful(t, append(names, kept))
	d.Prints(t, "here", "exec", kept, "echo", "here")
	d.startAgain(t, names)
}

func containerdKilled(t testing.TB, first *daemon) {
	d := begin(t, first.Runtime)
	d.removeNamespaces(t)
	kept := d.Detached(t, forever, "--network", "none")
	pid := d.pid(t, kept)
	file := filepath.Join(d.Dir, "exec/containerd/containerd.pid")
	was := content(t, file)
	containerd, err := strconv.Atoi(was)
	if err != nil {
		t.Fatal(err)
	}
	names := d.meanwhile(t, func() { signal(t, containerd) })
	until(t, "another", func() string { // dockerd starts one
		if now, err := os.ReadFile(file); err != nil || string(now) == was {
			return "none"
		}
		return "another"
	})
	until(t, "0", func() string { return strconv.Itoa(d.Docker(t, "exec", kept, "true").Code) })
	d.WaitFor(t, kept, ".State.Status", "running")
	equal(t, "pid", strconv.Itoa(d.pid(t, kept)), strconv.Itoa(pid))
	d.truthful(t, append(names, kept))
	d.endForgotten(t, names, kept)
	d.startAgain(t, append(names, kept))
}

func daemonKilled(t testing.TB, first *daemon) {
	d := begin(t, first.Runtime)
	d.removeNamespaces(t)
	kept := d.Detached(t, forever, "--network", "none")
	pid := d.pid(t, kept)
	names := d.meanwhile(t, d.Kill)
	d.Launch(t)
	d.WaitFor(t, kept, ".State.Status", "exited")
	if alive(pid) {
		t.Error("the process of a container that has exited lives on")
	}
	d.truthful(t, append(names, kept))
	d.endForgotten(t, names)
	d.startAgain(t, append(names, kept))
}

func daemonKilledLive(t testing.TB, first *daemon) {
	d := begin(t, first.Runtime, "--live-restore")
	d.removeNamespaces(t)
	kept := d.Detached(t, forever, "--network", "none")
	pid := d.pid(t, kept)
	names := d.meanwhile(t, d.Kill)
	if !alive(pid) {
		t.Error("the container is gone with the daemon")
	}
	d.Launch(t)
	d.WaitFor(t, kept, ".State.Status", "running")
	equal(t, "pid", strconv.Itoa(d.pid(t, kept)), strconv.Itoa(pid))
	d.Prints(t, "here", "exec", kept, "echo", "here")
	d.truthful(t, append(names, kept))
	d.endForgotten(t, names, kept)
	d.startAgain(t, append(names, kept))
}

// meanwhile does something once some of several containers are being started,
// and returns the names of all.
func (d *daemon) meanwhile(t testing.TB, do func()) []string {
	t.Helper()
	before := len(d.Shims())
	var starting sync.WaitGroup
	var names []string
	starting.Go(func() { names = d.started(t) })
	until(t, "true", func() string { return strconv.FormatBool(len(d.Shims()) > before+several/3) })
	do()
	starting.Wait()
	return names
}

// started begins containers at once, of which some may fail; they are there or
// not, but removed in the end.
func (d *daemon) started(t testing.TB) []string {
	var names []string
	for range several {
		names = append(names, d.Name(t))
	}
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() { d.Docker(t, command("run -d --network none --name "+name, nil, forever)...) })
	}
	all.Wait()
	return names
}

// truthful compares what the daemon says of containers with their processes.
func (d *daemon) truthful(t testing.TB, names []string) {
	t.Helper()
	for _, name := range names {
		until(t, "", func() string {
			r := d.Docker(t, "inspect", "-f", "{{.State.Status}} {{.State.Pid}}", name)
			status, pid, _ := strings.Cut(strings.TrimSpace(r.Stdout), " ")
			n, _ := strconv.Atoi(pid)
			if r.Code == 0 && (status == "running") != (n > 0 && alive(n)) {
				return name + " is " + r.Stdout
			}
			return ""
		})
	}
}

// endForgotten kills the shims of containers that do not run as far as dockerd
// knows: one that was killed before it noted that a container runs never ends it,
// with any runtime. The next containerd removes what is without a shim.
func (d *daemon) endForgotten(t testing.TB, names []string, but ...string) {
	t.Helper()
	var known []string
	for _, name := range slices.Concat(names, but) {
		r := d.Docker(t, "inspect", "-f", "{{.State.Status}} {{.Id}}", name)
		if id, running := strings.CutPrefix(strings.TrimSpace(r.Stdout), "running "); running {
			known = append(known, id)
		}
	}
	forgotten := 0
	for _, shim := range d.Shims() {
		if !slices.Contains(known, shim.Container) {
			signal(t, shim.PID)
			forgotten++
		}
	}
	t.Logf("of %d containers that were being started, dockerd has forgotten %d", len(names), forgotten)
	d.Kill()
	d.removeUnbegun(t)
	d.Launch(t)
}

// removeUnbegun removes the directories of tasks for which no runtime has been
// called: containerd 1.6 fails to, since their shims had not noted which it is.
func (d *daemon) removeUnbegun(t testing.TB) {
	t.Helper()
	tasks, _ := filepath.Glob(filepath.Join(d.Dir, "exec/containerd/daemon/io.containerd.runtime.v2.task/moby/*"))
	for _, dir := range tasks {
		if _, err := os.Stat(filepath.Join(dir, "runtime")); err == nil {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}
}

// removeNamespaces has what dockerd forgets go in the end, when no container is
// left: asked by libnetwork's hook after it has given a container up, it keeps that
// one's network namespace all the same.
func (d *daemon) removeNamespaces(t testing.TB) {
	t.Cleanup(func() {
		const script = `find exec/netns -type f ! -name default -exec umount {} + -exec rm {} +`
		d.Within("sh", "-c", "cd "+d.Dir+" && "+script).Run()
	})
}

// startAgain: of each container that there is, nothing is in the way of another start.
func (d *daemon) startAgain(t testing.TB, names []string) {
	t.Helper()
	var all sync.WaitGroup
	for _, name := range names {
		if d.Docker(t, "inspect", name).Code != 0 {
			continue
		}
		all.Go(func() {
			if r := d.Docker(t, "start", name); r.Code != 0 {
				t.Errorf("start %s: %s", name, r.Stderr)
			}
		})
	}
	all.Wait()
	for _, name := range strings.Fields(d.OK(t, "ps", "-a", "--format", "{{.Names}}")) {
		if slices.Contains(names, name) {
			d.Prints(t, name, "exec", name, "echo", name)
		}
	}
}

func (d *daemon) pid(t testing.TB, name string) int {
	t.Helper()
	pid, err := strconv.Atoi(d.Inspect(t, name, ".State.Pid"))
	if err != nil || !alive(pid) {
		t.Fatalf("%s: pid %d, %v", name, pid, err)
	}
	return pid
}

// traces are what there is of a container while it runs: its cgroups, mounts,
// and directories of containerd and the runtime.
func (d *daemon) traces(t testing.TB, id string) []string {
	var found []string
	for _, line := range d.Remains(t) {
		if strings.Contains(line, id) {
			found = append(found, line)
		}
	}
	return found
}

// killShims kills every third shim that it finds, but for one container's.
func (d *daemon) killShims(t testing.TB, stop chan bool, but string) {
	seen := map[int]bool{}
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Millisecond):
		}
		for _, shim := range d.Shims() {
			if shim.Container == but || shim.Container == "" || seen[shim.PID] {
				continue
			}
			seen[shim.PID] = true
			if len(seen)%3 == 0 {
				signal(t, shim.PID)
			}
		}
	}
}

// signal kills a process, if it is there still.
func signal(t testing.TB, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Error(fmt.Errorf("kill %d: %w", pid, err))
	}
}
