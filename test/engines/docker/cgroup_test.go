package docker

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// unified tells whether there is cgroup v2 alone.
func unified() bool {
	_, err := os.Stat("/sys/fs/cgroup/cgroup.controllers")
	return err == nil
}

// cgroup is the directory of a container's cgroup, in this hierarchy of v1.
func (d *daemon) cgroup(t testing.TB, container, controller string) string {
	t.Helper()
	text, err := os.ReadFile("/proc/" + d.Inspect(t, container, ".State.Pid") + "/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case unified() && fields[0] == "0":
			return filepath.Join("/sys/fs/cgroup", fields[2])
		case !unified() && fields[1] == controller:
			return filepath.Join("/sys/fs/cgroup", controller, fields[2])
		}
	}
	t.Fatalf("no cgroup of %s in %s", controller, text)
	return ""
}

// limit is the content of a file of a container's cgroup: "memory.limit_in_bytes" of
// v1, "memory.max" of v2.
func (d *daemon) limit(t testing.TB, container, v1, v2 string) string {
	t.Helper()
	controller, _, _ := strings.Cut(v1, ".")
	name := v1
	if unified() {
		name = v2
	}
	text, err := os.ReadFile(filepath.Join(d.cgroup(t, container, controller), name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// either is what is read of a limit in one world or the other.
func either(v1, v2 string) string {
	if unified() {
		return v2
	}
	return v1
}

func (d *daemon) frozen(t testing.TB, container string) string {
	t.Helper()
	switch state := d.limit(t, container, "freezer.state", "cgroup.events"); {
	case state == "FROZEN", strings.Contains(state, "frozen 1"):
		return "frozen"
	default:
		return state
	}
}

func (d *daemon) memoryLimit(t testing.TB, container string) string {
	t.Helper()
	return d.limit(t, container, "memory.limit_in_bytes", "memory.max")
}

func (d *daemon) cpuQuota(t testing.TB, container string) string {
	t.Helper()
	return d.limit(t, container, "cpu.cfs_quota_us", "cpu.max")
}

func (d *daemon) pidsLimit(t testing.TB, container string) string {
	t.Helper()
	return d.limit(t, container, "pids.max", "pids.max")
}

// hog takes 60 MB of memory.
const hog = "head -c 60m /dev/zero | tail >/dev/null"

// forks is more processes than a limit of 30 allows, which is enough for runc's threads.
// However long it takes to start them, none ends before the last; and none keeps the
// output open if that fails.
const forks = "p=; for i in $(seq 40); do sleep 1000 >/dev/null 2>&1 & p=\"$p $!\"; done; kill $p; wait"

func updateMemory(t testing.TB, d *daemon) {
	c := d.Detached(t, forever, "--network", "none", "-m", "300m", "--memory-swap", "300m")
	equal(t, "limit", d.memoryLimit(t, c), "314572800")
	d.OK(t, "exec", c, "sh", "-c", hog)
	d.Prints(t, c, "update", "--memory", "30m", "--memory-swap", "30m", c)
	equal(t, "limit", d.memoryLimit(t, c), "31457280")
	d.Status(t, 137, "exec", c, "sh", "-c", hog)
	equal(t, "the container", d.Inspect(t, c, ".State.Status"), "running")
}

func updateCPU(t testing.TB, d *daemon) {
	c := d.Detached(t, forever, "--network", "none")
	equal(t, "quota", d.cpuQuota(t, c), either("-1", "max 100000"))
	d.Prints(t, c, "update", "--cpus", "0.5", "--cpuset-cpus", "0", c)
	equal(t, "quota", d.cpuQuota(t, c), either("50000", "50000 100000"))
	d.Prints(t, "0", "exec", c, "awk", "/^Cpus_allowed_list/ {print $2}", "/proc/1/status")
}

func updatePids(t testing.TB, d *daemon) {
	c := d.Detached(t, forever, "--network", "none")
	d.OK(t, "exec", c, "sh", "-c", forks)
	d.Prints(t, c, "update", "--pids-limit", "30", c)
	equal(t, "limit", d.pidsLimit(t, c), "30")
	contains(t, "fork", say(d.Status(t, 2, "exec", c, "sh", "-c", forks)), "can't fork")
}

// limits: where they are written, and what comes of them.
func limits(t testing.TB, d *daemon) {
	c := d.Detached(t, forever, "--network", "none", "-m", "100m", "--cpus", "1.5", "--cpu-shares", "512", "--pids-limit", "30")
	equal(t, "memory", d.memoryLimit(t, c), "104857600")
	equal(t, "quota", d.cpuQuota(t, c), either("150000", "150000 100000"))
	shares := d.limit(t, c, "cpu.shares", "cpu.weight")
	if !slices.Contains(strings.Fields(either("512", "20 59")), shares) { // the curve of runc 1.1, and that of 1.3
		t.Errorf("shares: %s", shares)
	}
	equal(t, "pids", d.pidsLimit(t, c), "30")
	contains(t, "fork", say(d.Status(t, 2, "exec", c, "sh", "-c", forks)), "can't fork")
}

func cpuset(t testing.TB, d *daemon) {
	const script = "nproc; awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status"
	equal(t, "the second", d.Run(t, script, "--network", "none", "--cpuset-cpus", "1"), "1\n1")
	contains(t, "none such", d.Status(t, 125, command("run --rm --cpuset-cpus 5000", nil, "true")...).Stderr, "5000")
}

// outOfMemory: the kernel's kill is told to the engine.
func outOfMemory(t testing.TB, d *daemon) {
	name := d.Name(t)
	run := "run --network none -m 20m --memory-swap 20m --name " + name
	d.Status(t, 137, append(strings.Fields(run), image, "tail", "/dev/zero")...)
	d.WaitFor(t, name, ".State.OOMKilled", "true")
	equal(t, "status", d.Inspect(t, name, ".State.ExitCode"), "137")
	until(t, "create attach start oom die", func() string {
		now := fmt.Sprintf("%d.%09d", time.Now().Unix(), time.Now().Nanosecond())
		events := d.OK(t, "events", "--since", "0", "--until", now, "--filter", "container="+name, "--format", "{{.Action}}")
		return strings.Join(slices.Compact(strings.Fields(events)), " ") // several may be told of one
	})
}
