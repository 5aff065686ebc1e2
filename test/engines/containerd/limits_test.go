package containerd

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

var limits = []scenario{
	{Name: "--memory-limit: set, and kept; the event", Run: func(t testing.TB, d *daemon) {
		seen := d.events(t)
		id := d.detached(t, "read x < /data/go; exec dd if=/dev/zero of=/dev/shm/file bs=1M count=60", "--memory-limit", strconv.Itoa(32<<20),
			"--mount", "type=bind,src="+fifo(t, d)+",dst=/data/go,options=rbind:rw")
		equal(t, "limit", d.setting(t, d.pid(t, id), "memory", "memory.limit_in_bytes", "memory.max"), strconv.Itoa(32<<20))
		write(t, d.file("go"), "\n")
		d.waitFor(t, id, "STOPPED")
		seen(id, "/tasks/oom", "/tasks/exit")
		contains(t, "delete", d.status(t, 0, "tasks", "rm", id).Stderr, "non-zero exit code 137")
	}},
	{Name: "--cpus", Run: func(t testing.TB, d *daemon) {
		pid := d.pid(t, d.sleeper(t, "--cpus", "0.5"))
		quota := d.setting(t, pid, "cpu", "cpu.cfs_quota_us", "cpu.max")
		equal(t, "quota", strings.TrimSuffix(quota, " 100000"), "50000")
	}},
	{Name: "--cpu-quota, --cpu-period, --cpu-shares", Run: func(t testing.TB, d *daemon) {
		pid := d.pid(t, d.sleeper(t, "--cpu-quota", "20000", "--cpu-period", "50000", "--cpu-shares", "2048"))
		contains(t, "quota", d.setting(t, pid, "cpu", "cpu.cfs_quota_us", "cpu.max"), "20000")
		contains(t, "period", d.setting(t, pid, "cpu", "cpu.cfs_period_us", "cpu.max"), "50000")
		contains(t, "shares", "2048 79 174", d.setting(t, pid, "cpu", "cpu.shares", "cpu.weight")) // of v2, runc 1.1 and 1.3
	}},
	{Name: "--cgroup: where the container's is", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t, "--cgroup", "/"+d.namespace+"/deeper/down")
		pid := d.pid(t, id)
		controller := "memory"
		if unified() {
			controller = ""
		}
		equal(t, "cgroup", cgroupOf(t, pid, controller), "/"+d.namespace+"/deeper/down")
		d.remove(t, id)
		for _, dir := range d.cgroups() {
			if strings.HasSuffix(dir, "/down") {
				t.Errorf("%s is left", dir)
			}
		}
		d.removeCgroups()
	}},
	{Name: "--runc-systemd-cgroup: a scope, or an error that says what is missing", Run: func(t testing.TB, d *daemon) {
		name := "keg" + strings.ReplaceAll(d.namespace, "-", "") + d.runtime.Name
		flags := []string{"--runc-systemd-cgroup", "--cgroup", "system.slice:" + name + ":box"}
		if !systemd() {
			r := d.status(t, 1, d.command("run --rm", d.name(t), "true", flags)...)
			contains(t, "error", r.Stderr, "systemd")
			return
		}
		pid := d.pid(t, d.sleeper(t, flags...))
		contains(t, "cgroup", cgroupOf(t, pid, ""), "/system.slice/"+name+"-box.scope")
	}},
}

func count(list []string) string { return strconv.Itoa(len(list)) }

func code(r kegtest.Result) string { return strconv.Itoa(r.Code) }

// unified tells whether the machine has the unified hierarchy alone.
func unified() bool { return exists("/sys/fs/cgroup/cgroup.controllers") }

// systemd tells whether it is the machine's first process.
func systemd() bool { return exists("/run/systemd/system") }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// fifo is what a container waits for.
func fifo(t testing.TB, d *daemon) string {
	t.Helper()
	path := d.file("go")
	os.Remove(path)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
