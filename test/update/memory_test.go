package update

import (
	"fmt"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

const mib = 1 << 20

// expectUse expects that a process can use 40 MiB, or is killed for it.
func expectUse(t *testing.T, b *kegtest.Bundle, want bool, when string) {
	t.Helper()
	r := b.Keg("exec", b.ID(), "dd", "if=/dev/zero", "of=/dev/null", "bs=40M", "count=1")
	if r.Code != 0 && r.Code != 137 {
		t.Fatalf("%s: exit status %d\n%s%s", when, r.Code, r.Stdout, r.Stderr)
	}
	if (r.Code == 0) != want {
		t.Errorf("%s: 40 MiB can be used: %t, want %t", when, !want, want)
	}
}

// withMemory has as much memory as memory and swap together, so that nothing
// is swapped.
func withMemory(n int64) oci.LinuxResources {
	return oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: limit(n), Swap: limit(n)}}
}

// Limit and sum with swap bound each other on v1: to raise both and to lower
// both takes a different order.
func TestMemory(t *testing.T) {
	b := running(t, withMemory(100*mib))
	expectUse(t, b, true, "limit of 100 MiB")
	update(t, b, "--memory", "16m", "--memory-swap", "16m")
	expectUse(t, b, false, "limit of 16 MiB")
	update(t, b, "--memory-swap=0.25g", "--memory=100MiB")
	expectUse(t, b, true, "limit of 100 MiB again")
	must(t, resources(t, b, `{"memory":{"limit":16777216,"swap":16777216}}`))
	expectUse(t, b, false, "limit of 16 MiB as JSON")
	update(t, b, "--memory", "-1")
	expectUse(t, b, true, "no limit")
}

// Of memory, and memory and swap together, the one that is not given stays.
func TestMemoryAlone(t *testing.T) {
	b := running(t, withMemory(100*mib))
	update(t, b, "--memory", "16m")
	expectSwap(t, b, 16*mib, 100*mib)
	update(t, b, "--memory", "100m")
	expectSwap(t, b, 100*mib, 100*mib)
	refused(t, b.Keg("update", "--memory", "101m", b.ID()), "keg: --memory: 105906176 is more than memory and swap may come to together, 104857600 (hint: give --memory-swap as well)\n")
	expectSwap(t, b, 100*mib, 100*mib)
	update(t, b, "--memory-swap", "120m")
	expectSwap(t, b, 100*mib, 120*mib)
	update(t, b, "--memory", "101m") // the sum of an update, no longer that of create
	expectSwap(t, b, 101*mib, 120*mib)
	refused(t, b.Keg("update", "--memory-swap", "100m", b.ID()), "keg: --memory-swap: 104857600 is less than memory alone may come to, 105906176 (hint: give --memory as well)\n")
	expectSwap(t, b, 101*mib, 120*mib)
	update(t, b, "--memory-swap", "-1")
	update(t, b, "--memory", "200m")
	expectUse(t, b, true, "limit of 200 MiB")
	update(t, b, "--memory", "-1")
	refused(t, b.Keg("update", "--memory-swap", "300m", b.ID()), "keg: --memory-swap: it counts memory too, which is not limited (hint: give --memory as well)\n")
}

// expectSwap reads what the kernel has: without swap on the machine it shows in
// nothing else.
func expectSwap(t *testing.T, b *kegtest.Bundle, limit, sum int) {
	t.Helper()
	got := read(t, file(t, b, "memory", "memory.limit_in_bytes", "memory.max")) + " " +
		read(t, file(t, b, "memory", "memory.memsw.limit_in_bytes", "memory.swap.max"))
	want := fmt.Sprint(limit, " ", sum)
	if pureV2() {
		want = fmt.Sprint(limit, " ", sum-limit)
	}
	if got != want {
		t.Errorf("memory and swap %s, want %s", got, want)
	}
}

// What has never had a sum to keep keeps its amount of swap, such as the one
// that kubelet asks for by v2's own name.
func TestMemoryUnified(t *testing.T) {
	if !pureV2() {
		t.Skip("needs pure cgroup v2: v1 knows the sum alone")
	}
	r := oci.LinuxResources{Memory: &oci.LinuxMemory{Limit: limit(64 * mib)}, Unified: map[string]string{"memory.swap.max": "0"}}
	b := running(t, r)
	for _, size := range []int{32, 64, 128} {
		update(t, b, "--memory", fmt.Sprint(size, "M"))
		expectSwap(t, b, size*mib, size*mib)
	}
}

// checkBeforeUpdate: what is used already is not taken away.
func TestCheckBeforeUpdate(t *testing.T) {
	b := running(t, withMemory(100*mib))
	must(t, inside(t, b, "dd if=/dev/zero of=/dev/shm/file bs=1M count=30"))
	refused(t, resources(t, b, `{"memory":{"limit":16777216,"swap":16777216,"checkBeforeUpdate":true}}`), "memory.limit: ")
	expectUse(t, b, true, "limit that was refused")
	must(t, inside(t, b, "test $(wc -c </dev/shm/file) = 31457280 && rm /dev/shm/file"))
	must(t, resources(t, b, `{"memory":{"limit":16777216,"swap":16777216,"checkBeforeUpdate":true}}`))
	expectUse(t, b, false, "limit of 16 MiB")
}
