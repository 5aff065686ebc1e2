package systemd

import (
	"os"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// More memory than the limit is not to be had.
func TestMemory(t *testing.T) {
	b := bundle(t, "head -c 100m /dev/zero | tail > /dev/null; echo $?", limit(func(r *oci.LinuxResources) {
		most := int64(32 << 20)
		r.Memory = &oci.LinuxMemory{Limit: &most, Swap: &most}
	}))
	r := b.Keg("--systemd-cgroup", "run", "--bundle", b.Dir, b.ID())
	if !strings.Contains(r.Stdout, "137") {
		t.Errorf("status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	nothingLeft(t, b.ID()) // nor a failed unit: the kernel has killed in it
}

func TestPids(t *testing.T) {
	b := bundle(t, "i=0; while [ $i -lt 7 ]; do sleep 60 & i=$((i+1)); done; echo seven; sleep 60 & echo eight", pids(8))
	r := b.Keg("--systemd-cgroup", "run", "--bundle", b.Dir, b.ID())
	if !strings.Contains(r.Stdout, "seven") || strings.Contains(r.Stdout, "eight") || r.Code == 0 {
		t.Errorf("status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// Limits outlast a reload of the manager, which writes its own idea of them:
// those of create, and those of update.
func TestReload(t *testing.T) {
	b := running(t, "sleep 1000", memory(64<<20), pids(20))
	check := func(memory, pids string) {
		t.Helper()
		file := "memory.limit_in_bytes"
		if pure() {
			file = "memory.max"
		}
		for reloaded := range 2 { // the reloads are what takes long
			if os.Geteuid() == 0 || pure() { // on v1 the memory is never a user's
				if got := limitFile(t, b, "memory", file); got != memory {
					t.Errorf("%s: %s, want %s", file, got, memory)
				}
			}
			if got := limitFile(t, b, "pids", "pids.max"); got != pids {
				t.Errorf("pids.max: %s, want %s", got, pids)
			}
			if reloaded == 0 {
				systemctl(t, "daemon-reload")
			}
		}
		properties(t, scope(b), map[string]string{"TasksMax": pids})
	}
	check("67108864", "20")
	keg(t, b, "update", "--memory", "33554432", "--pids-limit", "30", b.ID())
	check("33554432", "30")
}

// A period alone leaves the quota, and systemd learns of both.
func TestUpdateQuota(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	quota, period := int64(50000), uint64(100000)
	b := running(t, "sleep 1000", limit(func(r *oci.LinuxResources) { r.CPU = &oci.LinuxCPU{Quota: &quota, Period: &period} }))
	properties(t, scope(b), map[string]string{"CPUQuotaPerSecUSec": "500ms"})
	keg(t, b, "update", "--cpu-period", "200000", b.ID())
	properties(t, scope(b), map[string]string{"CPUQuotaPerSecUSec": "250ms", "CPUQuotaPeriodUSec": "200ms"})
	keg(t, b, "update", "--cpu-quota", "12345", b.ID())
	properties(t, scope(b), map[string]string{"CPUQuotaPerSecUSec": "70ms"})
	want, file := "12345 200000", "cpu.max"
	if !pure() {
		want, file = "12345", "cpu.cfs_quota_us"
	}
	if got := limitFile(t, b, "cpu", file); got != want {
		t.Errorf("%s: %s, want %s", file, got, want)
	}
}
