package podman

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/keg-project/keg/test/kegtest"
)

// limiting needs cgroups: an ordinary user has them on v2 alone.
func limiting() []scenario {
	return []scenario{
		{Name: "--memory: killed for want of it, noticed", Run: outOfMemory},
		{Name: "--pids-limit", Run: pidsLimit},
		{Name: "--cpus: throttled", Run: throttled},
		{Name: "--cpu-shares, --cpuset-cpus, --memory-reservation", Run: otherLimits},
		{Name: "update", Run: updated},
		{Name: "stats --no-stream", Run: stats},
		{Name: "pause, unpause", Run: paused},
		{Name: "--cgroup-parent", Run: cgroupParent},
		{Name: "pod stats, pod pause, limits of a pod", Run: podLimits},
	}
}

// conmon notices, and leaves a file in the directory in which Podman was called:
// it is not the one in which Podman 4.3 looks. It looks for what the kernel has
// told by the cgroup's path, and systemd removes the cgroup of a scope that is
// empty: where the latter is faster nothing is noticed, with any runtime.
func outOfMemory(t testing.TB, p *podman) {
	noticed := p.Path("tmp/oom")
	t.Cleanup(func() { os.Remove(noticed) })
	for n := range 10 {
		name := "one" + strconv.Itoa(n)
		p.background(t, name, "exec dd if=/dev/zero of=/dev/null bs=64M count=1", "--memory", "16m", "--memory-swap", "16m")
		equal(t, "status", p.ok(t, "wait", name), "137")
		if _, err := os.Stat(noticed); err == nil {
			break
		}
	}
	within(t, "it is noticed", func() bool { _, err := os.Stat(noticed); return err == nil })
	r := p.sh(t, "dd if=/dev/zero of=/dev/null bs=64M count=1; echo lives on", "--memory", "16m", "--memory-swap", "16m")
	equal(t, "a child that is killed", r, kegtest.Result{Stdout: "lives on\n", Stderr: "Killed\n"})
	p.prints(t, "small\n", "dd if=/dev/zero of=/dev/null bs=1M count=1 2>/dev/null; echo small", "--memory", "16m")
}

func pidsLimit(t testing.TB, p *podman) {
	r := p.sh(t, "for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done; echo all", "--pids-limit", "5")
	if !strings.Contains(r.Stderr, "can't fork") || strings.Contains(r.Stdout, "all") {
		t.Errorf("exit status %d, %s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// file is a script that prints a file of the container's cgroup.
func (p *podman) file(v1, v2 string) string {
	if p.V2 {
		return "cat /sys/fs/cgroup/" + v2
	}
	return "cat /sys/fs/cgroup/" + v1
}

func throttled(t testing.TB, p *podman) {
	stat := p.file("cpu/cpu.stat", "cpu.stat")
	script := "i=0; while [ $i -lt 300 ]; do " + stat + " | grep -q '^nr_throttled [1-9]' && echo throttled && exit; j=0; while [ $j -lt 20000 ]; do j=$((j+1)); done; i=$((i+1)); done"
	p.prints(t, "throttled\n", script, "--cpus", "0.1")
	want := "10000\n100000\n"
	if p.V2 {
		want = "10000 100000\n"
	}
	p.prints(t, want, p.file("cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us", "cpu.max"), "--cpus", "0.1")
}

func otherLimits(t testing.TB, p *podman) {
	p.prints(t, "0\n", "grep Cpus_allowed_list /proc/self/status | cut -f2", "--cpuset-cpus", "0")
	p.prints(t, "33554432\n", p.file("memory/memory.soft_limit_in_bytes", "memory.low"), "--memory-reservation", "32m")
	out := p.sh(t, p.file("cpu/cpu.shares", "cpu.weight"), "--cpu-shares", "512").Stdout
	if want := map[bool]string{false: "^512\n$", true: "^(20|59)\n$"}[p.V2]; !regexp.MustCompile(want).MatchString(out) {
		t.Errorf("shares %q", out)
	}
}

func updated(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000", "--memory", "64m", "--memory-swap", "64m")
	memory := p.file("memory/memory.limit_in_bytes", "memory.max")
	equal(t, "memory", p.ok(t, "exec", "box", "sh", "-c", memory), 64<<20)
	p.ok(t, "update", "--memory", "32m", "--memory-swap", "32m", "box")
	equal(t, "memory", p.ok(t, "exec", "box", "sh", "-c", memory), 32<<20)
	p.ok(t, "update", "--cpus", "0.25", "box")
	quota := p.ok(t, "exec", "box", "sh", "-c", p.file("cpu/cpu.cfs_quota_us", "cpu.max"))
	equal(t, "quota", strings.Fields(quota)[0], "25000")
	equal(t, "memory", p.ok(t, "exec", "box", "sh", "-c", memory), 32<<20)
}

func stats(t testing.TB, p *podman) {
	p.background(t, "box", "sleep 1000 & sleep 1000 & while :; do :; done", "--memory", "64m")
	var line string
	within(t, "cpu time, memory and three processes are counted", func() bool {
		line = p.ok(t, "stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}} {{.MemUsage}} {{.CPUPerc}}", "box")
		return regexp.MustCompile(`^box 3 [0-9.]+[kM]B / 67\.11MB [1-9][0-9.]*%$`).MatchString(line)
	})
}

func paused(t testing.TB, p *podman) {
	p.background(t, "box", "i=0; while :; do i=$((i+1)); echo $i >/tmp/count; sleep 0.02; done")
	p.ok(t, "pause", "box")
	equal(t, "status", p.ok(t, "ps", "--filter", "status=paused", "--format", "{{.Names}}"), "box")
	count := func() string { return p.do(t, "cp", "box:/tmp/count", "-").Stdout }
	first := count()
	equal(t, "the count while paused", count(), first)
	r := p.do(t, "exec", "box", "true")
	if r.Code == 0 || !strings.Contains(r.Stderr, "can only create exec sessions on running containers") {
		t.Errorf("exec: exit status %d, %s", r.Code, r.Stderr)
	}
	p.ok(t, "unpause", "box")
	within(t, "it counts again", func() bool { return count() != first })
	p.ok(t, "pause", "box")
	p.ok(t, "rm", "--force", "--time", "0", "box")
}

func cgroupParent(t testing.TB, p *podman) {
	name := filepath.Base(p.Dir) + "-parent"
	parent, want := "/"+name, "/"+name+"/libpod-[0-9a-f]{64}"
	if p.Systemd {
		parent, want = "kegtestparent.slice", `/kegtestparent.slice/libpod-[0-9a-f]{64}\.scope`
	}
	out := p.sh(t, "cat /proc/self/cgroup", "--cgroup-parent", parent, "--cgroupns", "host").Stdout
	matches(t, "cgroups", out, want)
	p.RemoveCgroups(t, name)
}

func podLimits(t testing.TB, p *podman) {
	t.Cleanup(func() { p.do(t, "pod", "rm", "--force", "--time", "0", "limited") })
	p.ok(t, "pod", "create", "--name", "limited", "--memory", "64m")
	p.background(t, "inside", "sleep 1000", "--pod", "limited")
	contains(t, "pod stats", p.ok(t, "pod", "stats", "--no-stream", "limited"), "inside")
	p.ok(t, "pod", "pause", "limited")
	contains(t, "status", p.ok(t, "pod", "ps", "--format", "{{.Name}} {{.Status}}"), "limited Paused")
	p.ok(t, "pod", "unpause", "limited")
	contains(t, "status", p.ok(t, "pod", "ps", "--format", "{{.Name}} {{.Status}}"), "limited Running")
}
