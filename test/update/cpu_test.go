package update

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// stat reads a number of cpu.stat: nr_throttled is how often the kernel has
// held the container back.
func stat(t *testing.T, b *kegtest.Bundle, key string) int {
	t.Helper()
	for line := range strings.Lines(read(t, file(t, b, "cpu", "cpu.stat", "cpu.stat"))) {
		if name, n, _ := strings.Cut(strings.TrimSpace(line), " "); name == key {
			value, err := strconv.Atoi(n)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	t.Fatalf("no %s", key)
	return 0
}

// burn starts a process that never rests, and returns the file of its times.
func burn(t *testing.T, b *kegtest.Bundle) string {
	t.Helper()
	pid := b.Dir + "/pid"
	must(t, b.Keg("exec", "-d", "--pid-file", pid, b.ID(), "sh", "-c", "while :; do :; done"))
	return "/proc/" + read(t, pid) + "/schedstat"
}

func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// runs waits until the process has run for so much longer.
func runs(t *testing.T, schedstat string, d time.Duration) {
	t.Helper()
	used := func() time.Duration {
		ns, err := strconv.ParseInt(strings.Fields(read(t, schedstat))[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return time.Duration(ns)
	}
	start := used()
	within(t, fmt.Sprint("the process runs for ", d), func() bool { return used()-start >= d })
}

// A process that never rests is held back by a quota, and only then. Quota and
// period change one without the other.
func TestCPUQuota(t *testing.T) {
	b := running(t, oci.LinuxResources{CPU: &oci.LinuxCPU{Shares: new(uint64(512))}})
	process := burn(t, b)
	runs(t, process, 200*time.Millisecond)
	if n := stat(t, b, "nr_throttled"); n != 0 {
		t.Fatalf("throttled %d times without a quota", n)
	}
	update(t, b, "--cpu-quota", "10000")
	begin := time.Now()
	within(t, "three periods are cut short", func() bool { return stat(t, b, "nr_throttled") >= 3 })
	runs(t, process, 30*time.Millisecond)
	if d := time.Since(begin); d < 200*time.Millisecond {
		t.Errorf("with 10 %% of a processor, 30 ms and more took %v", d)
	}
	expectBandwidth(t, b, 10000, 100000)
	update(t, b, "--cpu-period", "50000")
	expectBandwidth(t, b, 10000, 50000)
	must(t, resources(t, b, `{"cpu":{"quota":20000}}`))
	expectBandwidth(t, b, 20000, 50000)

	update(t, b, "--cpu-quota", "-1")
	n := stat(t, b, "nr_throttled")
	runs(t, process, 300*time.Millisecond)
	if now := stat(t, b, "nr_throttled"); now > n+1 { // one may have been under way
		t.Errorf("throttled %d times more without a quota", now-n)
	}
}

func expectBandwidth(t *testing.T, b *kegtest.Bundle, quota, period int) {
	t.Helper()
	got := read(t, file(t, b, "cpu", "cpu.cfs_quota_us", "cpu.max"))
	if !pureV2() {
		got += " " + read(t, file(t, b, "cpu", "cpu.cfs_period_us", ""))
	}
	if want := fmt.Sprint(quota, " ", period); got != want {
		t.Errorf("quota and period %s, want %s", got, want)
	}
}

func TestCpuset(t *testing.T) {
	all := strings.TrimSpace(read(t, "/sys/devices/system/cpu/online"))
	b := running(t, oci.LinuxResources{})
	count := func() string { return strings.TrimSpace(must(t, inside(t, b, "nproc")).Stdout) }
	before := count()
	if before == "1" {
		kegtest.Skip(t, "needs two processors")
	}
	update(t, b, "--cpuset-cpus", "0")
	if n := count(); n != "1" {
		t.Errorf("%s processors, want one", n)
	}
	update(t, b, "--cpuset-cpus", all)
	if n := count(); n != before {
		t.Errorf("%s processors, want %s", n, before)
	}
}

// All or nothing: what was written before a value is refused is taken back.
func TestAllOrNothing(t *testing.T) {
	r := withMemory(16 * mib)
	r.Pids = &oci.LinuxPids{Limit: limit(5)}
	b := running(t, r)
	expectUse(t, b, false, "limit of 16 MiB")
	refused(t, b.Keg("update", "--memory", "100m", "--memory-swap", "100m", "--cpu-quota", "5000", "--cpuset-cpus", "1023", "--pids-limit", "50", b.ID()), "keg: --cpuset-cpus: write ")
	refused(t, resources(t, b, `{"memory":{"limit":104857600,"swap":104857600},"cpu":{"cpus":"1023","quota":5000},"pids":{"limit":50}}`),
		"keg: --resources: standard input: cpu.cpus: write ")
	expectUse(t, b, false, "after refused updates")
	expectFork(t, b, false, "after refused updates")
	if got := read(t, file(t, b, "cpu", "cpu.cfs_quota_us", "cpu.max")); got != "-1" && got != "max 100000" {
		t.Errorf("a quota of %s", got)
	}
	update(t, b, "--memory", "16m") // the sum that was not to be is not remembered
	refused(t, b.Keg("update", "--memory", "17m", b.ID()), "may come to together, 16777216")
}
