package limits

import (
	"fmt"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// What is in unified limits, also where another field says otherwise.
func TestUnified(t *testing.T) {
	if !unified() {
		t.Skip("v2 only") // TestRefusedFiles: v1 has none
	}
	many, gigabyte := int64(1000), int64(1<<30)
	b := limited(t, oci.LinuxResources{Pids: &oci.LinuxPids{Limit: &many}, Unified: map[string]string{"pids.max": "1\n"}}, "(true); echo forked")
	if r := b.Run(); r.Code == 0 || r.Stdout != "" || !strings.Contains(r.Stderr, "fork") {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	b = limited(t, oci.LinuxResources{
		Memory:  &oci.LinuxMemory{Limit: &gigabyte, Swap: &gigabyte},
		Unified: map[string]string{"memory.max": "24000000", "cgroup.max.descendants": "0"},
	}, "exec dd if=/dev/zero of=/dev/null count=1 bs=64M")
	if r := b.Run(); r.Code != 137 {
		t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// Each line is a write of its own: to the kernel, several at a time are one
// that makes no sense.
func TestUnifiedLines(t *testing.T) {
	if !unified() {
		t.Skip("v2 only")
	}
	_, disk := onDisk(t)
	device := fmt.Sprintf("%d:%d", disk.Major, disk.Minor)
	b := limited(t, oci.LinuxResources{Unified: map[string]string{"io.max": device + " rbps=7000\n" + device + " wiops=8\n"}}, "cat /sys/fs/cgroup/io.max")
	if out := b.Output(); out != device+" rbps=7000 wbps=max riops=max wiops=8\n" {
		t.Error(out)
	}
}
