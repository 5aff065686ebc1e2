package limits

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// spin is a shell script that computes from when there is a file /data/go until
// the machine has been up for as many hundredths of a second as that says, and
// prints how much time of a CPU it got. It starts no processes meanwhile.
const spin = `echo > /data/ready; while [ ! -e /data/go ]; do sleep 0.1; done; read end </data/go
	cpu() { read stat </proc/self/stat; set -- ${stat#*) }; cpu=$((${12}+${13})); }
	now=0; cpu; had=$cpu
	while [ $now -lt $end ]; do read now x </proc/uptime; now=${now%.*}${now#*.}; done
	cpu; echo $((cpu-had))`

// together has containers spin at the same time for so many hundredths of a
// second, and returns what they got.
func together(t *testing.T, time int, limits ...oci.LinuxCPU) []int {
	t.Helper()
	bundles := make([]*kegtest.Bundle, len(limits))
	out := make([]kegtest.Result, len(limits))
	var wg sync.WaitGroup
	for i := range limits {
		b := limited(t, oci.LinuxResources{CPU: &limits[i]}, spin)
		b.Spec.Root.Readonly = false
		bundles[i] = b
		t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
		wg.Go(func() { out[i] = b.Run() })
	}
	for _, b := range bundles {
		eventually(t, "the container runs", func() bool {
			_, err := os.Stat(b.Dir + "/rootfs/data/ready")
			return err == nil
		})
	}
	end := []byte(strconv.Itoa(uptime(t)+time) + "\n")
	for _, b := range bundles {
		data := b.Dir + "/rootfs/data/"
		if err := errors.Join(os.WriteFile(data+"new", end, 0o644), os.Rename(data+"new", data+"go")); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	got := make([]int, len(limits))
	for i, r := range out {
		if n, err := fmt.Sscan(r.Stdout, &got[i]); n != 1 {
			t.Fatalf("%v: %s%s", err, r.Stdout, r.Stderr)
		}
	}
	return got
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

// A twentieth of a CPU is what the program gets of it.
func TestCPUQuota(t *testing.T) {
	quota, period := int64(2500), uint64(50000)
	got := together(t, 100, oci.LinuxCPU{Quota: &quota, Period: &period})
	if got[0] > 15 {
		t.Errorf("%d hundredths of a second", got[0])
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
			pair[0].Cpus, pair[1].Cpus = "0", "0"
			if got := together(t, 200, pair[0], pair[1]); got[0]*3 > got[1] {
				t.Errorf("%d hundredths of a second", got)
			}
		})
	}
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
