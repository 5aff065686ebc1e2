package containerd

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/linux"
)

// deaths are those of the engine's parts while containers run.
var deaths = []scenario{
	{Name: "containerd killed and started again: the task, its output, exec, the exit status", Run: func(t testing.TB, d *daemon) {
		id := d.detached(t, "trap 'exit 42' TERM; echo > /data/ready; while :; do sleep 0.05; done")
		d.appears(t, id, "/data/ready")
		pid := d.pid(t, id)
		d.restart(t)
		again, status := d.task(t, id)
		if again != pid || status != "RUNNING" {
			t.Errorf("%d %s, was %d", again, status, pid)
		}
		equal(t, "exec", d.exec(t, id, "ls /data"), "ready")
		d.ok(t, "tasks", "kill", id)
		d.waitFor(t, id, "STOPPED")
		contains(t, "delete", d.status(t, 0, "tasks", "rm", id).Stderr, "non-zero exit code 42")
	}},
	{Name: "a container that ends while containerd is dead", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		pid := d.pid(t, id)
		d.containerd.Process.Kill()
		d.containerd.Wait()
		syscall.Kill(pid, syscall.SIGKILL)
		d.vanishes(t, pid)
		d.launch(t)
		d.waitFor(t, id, "STOPPED")
		contains(t, "delete", d.status(t, 0, "tasks", "rm", id).Stderr, "non-zero exit code 137")
	}},
	{Name: "a shim killed while its container runs: nothing is left", Run: func(t testing.TB, d *daemon) {
		id := d.detached(t, "sleep 1000000 & exec sleep 1000000")
		pid := d.pid(t, id)
		until(t, "2", func() string { return count(d.processes(t, id)) })
		d.killShim(t, pid)
		d.vanishes(t, pid)
		d.waitFor(t, id, "")
		d.ok(t, "containers", "rm", id)
		until(t, "", func() string { return strings.Join(d.traces(t, id), "\n") })
	}},
	{Name: "a shim and containerd killed while a container runs", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		pid := d.pid(t, id)
		d.containerd.Process.Kill()
		d.containerd.Wait()
		d.killShim(t, pid)
		d.launch(t)
		d.vanishes(t, pid)
		d.waitFor(t, id, "")
		d.ok(t, "containers", "rm", id)
		until(t, "", func() string { return strings.Join(d.traces(t, id), "\n") })
	}},
	{Name: "the container's process killed from outside", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		syscall.Kill(d.pid(t, id), syscall.SIGKILL)
		d.waitFor(t, id, "STOPPED")
		contains(t, "delete", d.status(t, 0, "tasks", "rm", id).Stderr, "non-zero exit code 137")
	}},
}

// killShim kills the parent of a container's process.
func (d *daemon) killShim(t testing.TB, pid int) {
	t.Helper()
	p, err := linux.ProcStat(pid)
	if err != nil {
		t.Fatal(err)
	}
	words, err := os.ReadFile("/proc/" + strconv.Itoa(p.Parent) + "/cmdline")
	if err != nil || !strings.Contains(string(words), "containerd-shim") || !strings.Contains(string(words), d.namespace) {
		t.Fatalf("%d is no shim of ours: %q, %v", p.Parent, words, err)
	}
	if err := syscall.Kill(p.Parent, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// traces are what is left of a container.
func (d *daemon) traces(t testing.TB, id string) []string {
	t.Helper()
	var list []string
	for _, left := range d.remains(t) {
		for _, name := range strings.FieldsFunc(left, func(r rune) bool { return r == '/' || r == ' ' }) {
			if filepath.Base(name) == id {
				list = append(list, left)
			}
		}
	}
	return list
}
