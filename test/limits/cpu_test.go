package limits

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// spin is a shell script that computes until the machine has been up for so
// many hundredths of a second, or for so long if it begins with +, and prints
// how long that took and how much time of a CPU it got.
func spin(until string) string {
	return `read a x </proc/uptime; a=${a%.*}${a#*.}; b=$a; end=` + until + `; case $end in +*) end=$((a+end));; esac
		while [ $b -lt $end ]; do read b x </proc/uptime; b=${b%.*}${b#*.}; done
		read stat </proc/self/stat; set -- ${stat#*) }; echo $((b-a)) $((${12}+${13}))`
}

// got reads what spin printed.
func got(t *testing.T, output string) (wall, cpu int) {
	t.Helper()
	if n, err := fmt.Sscan(output, &wall, &cpu); n != 2 || err != nil {
		t.Fatalf("%q", output)
	}
	return wall, cpu
}

// A tenth of a CPU is what the program gets of it.
func TestCPUQuota(t *testing.T) {
	quota, period := int64(5000), uint64(50000)
	b := limited(t, oci.LinuxResources{CPU: &oci.LinuxCPU{Quota: &quota, Period: &period}}, spin("+100"))
	if wall, cpu := got(t, b.Output()); cpu*100 > wall*20 {
		t.Errorf("%d of %d hundredths of a second", cpu, wall)
	}
}

// Of two that want the same CPU, one with more weight gets more of it, and
// one that is idle next to nothing.
func TestCPUWeight(t *testing.T) {
	few, many, idle := uint64(102), uint64(8192), int64(1)
	for name, pair := range map[string][2]oci.LinuxCPU{
		"shares": {{Shares: &few}, {Shares: &many}},
		"idle":   {{Idle: &idle}, {}},
	} {
		t.Run(name, func(t *testing.T) {
			cpu := compete(t, pair)
			if cpu[0]*3 > cpu[1] {
				t.Errorf("%d and %d hundredths of a second", cpu[0], cpu[1])
			}
		})
	}
}

// compete has two containers compute on CPU 0 at the same time.
func compete(t *testing.T, pair [2]oci.LinuxCPU) (cpu [2]int) {
	t.Helper()
	end := spin(strconv.Itoa(uptime(t) + 300))
	var bundles [2]*kegtest.Bundle
	for i := range pair {
		pair[i].Cpus = "0"
		bundles[i] = limited(t, oci.LinuxResources{CPU: &pair[i]}, end)
	}
	var out [2]kegtest.Result
	var wg sync.WaitGroup
	for i, b := range bundles {
		wg.Go(func() { out[i] = b.Run() })
	}
	wg.Wait()
	for i := range pair {
		_, cpu[i] = got(t, out[i].Stdout)
	}
	return cpu
}

// uptime is in hundredths of a second.
func uptime(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		t.Fatal(err)
	}
	whole, fraction, _ := strings.Cut(strings.Fields(string(text))[0], ".")
	n, err := strconv.Atoi(whole + fraction)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The program sees no other CPUs and memory nodes than those it was given.
func TestCPUSet(t *testing.T) {
	for _, cpus := range []string{"0", "1", "0-1"} {
		b := limited(t, oci.LinuxResources{CPU: &oci.LinuxCPU{Cpus: cpus, Mems: "0"}},
			"grep -E '^(Cpus|Mems)_allowed_list' /proc/self/status")
		if got, want := b.Output(), "Cpus_allowed_list:\t"+cpus+"\nMems_allowed_list:\t0\n"; got != want {
			t.Errorf("%s: %s", cpus, got)
		}
	}
}

// The kernel lets nobody be a realtime process in a v1 cgroup without a
// realtime runtime.
func TestCPURealtime(t *testing.T) {
	if unified() {
		t.Skip("v1 only") // TestRefused: v2 has none
	}
	period, runtime := uint64(1000000), int64(1000)
	b := limited(t, oci.LinuxResources{CPU: &oci.LinuxCPU{RealtimePeriod: &period, RealtimeRuntime: &runtime}}, "echo started")
	b.Spec.Process.Scheduler = &oci.Scheduler{Policy: oci.SchedFIFO, Priority: 1}
	if out := b.Output(); out != "started\n" {
		t.Error(out)
	}
}
