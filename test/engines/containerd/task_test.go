package containerd

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

var tasks = []scenario{
	{Name: "`ctr tasks ps`: every process of a container, none of another", Run: func(t testing.TB, d *daemon) {
		d.sleeper(t)
		id := d.detached(t, "sleep 1000000 & sleep 1000000 & wait")
		d.exec(t, id, "true")
		until(t, "3", func() string { return strconv.Itoa(len(d.processes(t, id))) })
		for _, pid := range d.processes(t, id) {
			if _, err := os.Stat("/proc/" + pid); err != nil {
				t.Error(err)
			}
		}
		if pid := d.pid(t, id); !slices.Contains(d.processes(t, id), strconv.Itoa(pid)) {
			t.Errorf("%d is not among %q", pid, d.processes(t, id))
		}
	}},
	{Name: "kill: a signal that the program handles", Run: func(t testing.TB, d *daemon) {
		id := d.detached(t, "trap 'exit 42' TERM; trap 'echo > /data/usr1' USR1; echo > /data/ready; while :; do sleep 0.05; done")
		d.appears(t, id, "/data/ready")
		d.ok(t, "tasks", "kill", "--signal", "SIGUSR1", id)
		d.appears(t, id, "/data/usr1")
		equal(t, "state", d.state(t, id), "RUNNING")
		d.ok(t, "tasks", "kill", id)
		d.waitFor(t, id, "STOPPED")
		contains(t, "delete", d.status(t, 0, "tasks", "rm", id).Stderr, "non-zero exit code 42")
		equal(t, "state", d.state(t, id), "")
	}},
	{Name: "kill --signal SIGKILL, and of what has ended", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		d.ok(t, "tasks", "kill", "-s", "SIGKILL", id)
		d.waitFor(t, id, "STOPPED")
		contains(t, "kill", d.status(t, 1, "tasks", "kill", "-s", "SIGKILL", id).Stderr, "process already finished", "not found")
		contains(t, "delete", d.status(t, 0, "tasks", "rm", id).Stderr, "non-zero exit code 137")
	}},
	{Name: "kill --all: every process of a container", Run: func(t testing.TB, d *daemon) {
		id := d.detached(t, "sh -c 'trap \"echo > /data/heard; exit\" TERM; echo > /data/ready; while :; do sleep 0.05; done' & trap '' TERM; while :; do sleep 0.05; done")
		d.appears(t, id, "/data/ready")
		d.ok(t, "tasks", "kill", "--all", id)
		d.appears(t, id, "/data/heard")
		equal(t, "state", d.state(t, id), "RUNNING")
	}},
	{Name: "delete refuses what runs; --force kills it", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		pid := d.pid(t, id)
		contains(t, "delete", d.status(t, 1, "tasks", "rm", id).Stderr, "must be stopped before deletion")
		d.ok(t, "tasks", "rm", "--force", id)
		equal(t, "state", d.state(t, id), "")
		d.vanishes(t, pid)
	}},
	{Name: "pause freezes every process, resume thaws them", Run: func(t testing.TB, d *daemon) {
		id := d.detached(t, "while :; do sleep 0.01; done")
		pid := d.pid(t, id)
		d.ok(t, "tasks", "pause", id)
		equal(t, "state", d.state(t, id), "PAUSED")
		until(t, "frozen", func() string { return frozen(d.setting(t, pid, "freezer", "freezer.state", "cgroup.events")) })
		d.ok(t, "tasks", "resume", id)
		equal(t, "state", d.state(t, id), "RUNNING")
		equal(t, "cgroup", frozen(d.setting(t, pid, "freezer", "freezer.state", "cgroup.events")), "thawed")
		equal(t, "exec", d.exec(t, id, "echo hi"), "hi")
	}},
	{Name: "a paused container is killed and deleted", Run: func(t testing.TB, d *daemon) {
		id := d.sleeper(t)
		pid := d.pid(t, id)
		d.ok(t, "tasks", "pause", id)
		until(t, "", func() string {
			d.ctr(t, "tasks", "rm", "--force", id)
			return d.state(t, id)
		})
		d.vanishes(t, pid)
	}},
	{Name: "metrics: true numbers", Run: metrics},
	{Name: "a task made anew after its container's end", Run: func(t testing.TB, d *daemon) {
		id := d.name(t)
		d.ok(t, "containers", "create", image, id, "sh")
		const script = "mkdir /data/once; exit $?\n"
		equal(t, "the first", code(d.feed(t, script, "tasks", "start", id)), "0")
		equal(t, "state", d.state(t, id), "")
		second := d.feed(t, script, "tasks", "start", id)
		equal(t, "the second", code(second), "1")
		contains(t, "the second", second.Stderr, "/data/once", "File exists")
	}},
	{Name: "attach: the running program's input and output", Run: func(t testing.TB, d *daemon) {
		id := d.name(t)
		d.ok(t, d.command("run -d", id, "read x; echo got $x; exit 6", nil)...)
		r := d.feed(t, "hello\n", "tasks", "attach", id)
		contains(t, "output", r.Stdout, "got hello")
		equal(t, "exit status", strconv.Itoa(r.Code), "6")
	}},
}

// processes are the pids that the client lists.
func (d *daemon) processes(t testing.TB, id string) []string {
	t.Helper()
	var pids []string
	for line := range strings.Lines(d.ok(t, "tasks", "ps", id)) {
		if fields := strings.Fields(line); fields[0] != "PID" {
			pids = append(pids, fields[0])
		}
	}
	return pids
}

// appears waits until a file is in the container.
func (d *daemon) appears(t testing.TB, id, file string) {
	t.Helper()
	root := "/proc/" + strconv.Itoa(d.pid(t, id)) + "/root"
	until(t, "there", func() string {
		if _, err := os.Stat(root + file); err != nil {
			return err.Error()
		}
		return "there"
	})
}

// vanishes waits until a process is no more.
func (d *daemon) vanishes(t testing.TB, pid int) {
	t.Helper()
	until(t, "gone", func() string {
		if syscall.Kill(pid, 0) == nil {
			return "alive"
		}
		return "gone"
	})
}

// frozen reads either kind of hierarchy's word for it.
func frozen(state string) string {
	switch {
	case state == "FROZEN", strings.Contains(state, "frozen 1"):
		return "frozen"
	case state == "THAWED", strings.Contains(state, "frozen 0"):
		return "thawed"
	}
	return state
}

// metrics holds what the client shows against what the container does.
func metrics(t testing.TB, d *daemon) {
	const limit, written = 200 << 20, 30 << 20
	id := d.detached(t, "dd if=/dev/zero of=/dev/shm/file bs=1M count=30; i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 1000000 & echo > /data/ready; wait",
		"--memory-limit", strconv.Itoa(limit))
	d.appears(t, id, "/data/ready")
	shown := map[string]int{}
	for line := range strings.Lines(d.ok(t, "tasks", "metrics", id)) {
		if fields := strings.Fields(line); len(fields) == 2 {
			shown[fields[0]], _ = strconv.Atoi(fields[1])
		}
	}
	memory := shown["memory.usage_in_bytes"] + shown["memory.usage"]
	if memory < written || memory > 2*written {
		t.Errorf("memory: %d, %d were written", memory, written)
	}
	equal(t, "limit", strconv.Itoa(shown["memory.limit_in_bytes"]+shown["memory.usage_limit"]), strconv.Itoa(limit))
	equal(t, "processes", strconv.Itoa(shown["pids.current"]), "2")
	own := spent(t, d.processes(t, id))
	if cpu := shown["cpuacct.usage"]/1000 + shown["cpu.usage_usec"]; cpu < own || cpu > own+5_000_000 {
		t.Errorf("microseconds of CPU: %d, the processes have used %d", cpu, own)
	}
}

// spent is how many microseconds of CPU processes have used.
func spent(t testing.TB, pids []string) int {
	t.Helper()
	sum := 0
	for _, pid := range pids {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(stat))
		user, _ := strconv.Atoi(fields[13])
		system, _ := strconv.Atoi(fields[14])
		sum += (user + system) * 10_000 // USER_HZ is 100
	}
	return sum
}
