package limits

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// A process is killed that uses more memory than the limit, and not before.
func TestMemoryLimit(t *testing.T) {
	limit := int64(24 << 20)
	for _, tt := range []struct {
		swap *int64
		size string
		code int
	}{{nil, "4M", 0}, {&limit, "4M", 0}, {&limit, "64M", 137}} {
		b := limited(t, oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: &limit, Swap: tt.swap}},
			"exec dd if=/dev/zero of=/dev/null count=1 bs="+tt.size)
		if r := b.Run(); r.Code != tt.code {
			t.Errorf("%s: exit status %d, want %d\n%s%s", tt.size, r.Code, tt.code, r.Stdout, r.Stderr)
		}
	}
}

// Unlimited is not the lowest of limits.
func TestMemoryUnlimited(t *testing.T) {
	none := int64(-1)
	b := limited(t, oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: &none, Swap: &none, Reservation: &none}},
		"exec dd if=/dev/zero of=/dev/null count=1 bs=64M")
	b.Output()
}

// Without the OOM killer a process waits that needs more, and can be ended. The
// kernel may say EFAULT to a system call instead, and the program ends: once more.
func TestNoOOMKiller(t *testing.T) {
	if unified() {
		t.Skip("v1 only") // TestRefused: v2 has nothing like it
	}
	limit, disable := int64(24<<20), true
	b := limited(t, oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: &limit, DisableOOMKiller: &disable}},
		"exec dd if=/dev/zero of=/dev/null count=1 bs=64M")
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	waits := false
	for i := 0; i < 20 && !waits; i++ {
		if r := b.Keg("run", "--detach", "--bundle", b.Dir, b.ID()); r.Code != 0 {
			t.Fatal(r.Stderr)
		}
		eventually(t, "the process waits for memory, or has ended", func() bool {
			waits = strings.Contains(cgroupFile(b.ID(), "memory.oom_control"), "under_oom 1")
			return waits || strings.Contains(b.Keg("state", b.ID()).Stdout, `"stopped"`)
		})
		if r := b.Keg("delete", "-f", b.ID()); r.Code != 0 {
			t.Error(r.Stderr)
		}
	}
	if !waits {
		t.Error("it never waits for memory")
	}
}

// cgroupFile is a file of the container's v1 cgroup of the controller that its
// name begins with; "" while there is none.
func cgroupFile(id, name string) (text string) {
	controller, _, _ := strings.Cut(name, ".")
	filepath.WalkDir("/sys/fs/cgroup/"+controller, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == id {
			b, _ := os.ReadFile(path + "/" + name)
			text = string(b)
			return fs.SkipAll
		}
		return nil
	})
	return text
}
