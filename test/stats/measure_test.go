package stats

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func itoa(n int) string { return strconv.Itoa(n) }

// CPU time grows as a busy container uses it, and stops when that is paused.
func TestCPUTime(t *testing.T) {
	kegtest.NeedRoot(t)
	began := time.Now()
	b := running(t, "while :; do :; done")
	within(t, time.Minute, "a busy container has used 300 ms of CPU", func() bool { return measure(t, b).CPU.Usage.Total > 300e6 })
	c := measure(t, b).CPU.Usage
	if most := uint64(time.Since(began)); c.Total > most {
		t.Errorf("a single thread has used %d ns in %d", c.Total, most)
	}
	if c.User+c.Kernel < c.Total/2 || c.User == 0 {
		t.Errorf("%+v", c)
	}
	must(t, b.Keg("pause", b.ID()))
	before := measure(t, b).CPU.Usage.Total
	other := running(t, counting)
	counts(t, other, 100)
	if after := measure(t, b).CPU.Usage.Total; after != before {
		t.Errorf("a paused container has used %d ns", after-before)
	}
}

// A quota shows as throttling.
func TestThrottling(t *testing.T) {
	kegtest.NeedRoot(t)
	quota, period := int64(5000), uint64(50000)
	b := running(t, "while :; do :; done", func(s *oci.Spec) {
		s.Linux.Resources.CPU = &oci.LinuxCPU{Quota: &quota, Period: &period}
	})
	within(t, time.Minute, "the container is throttled for 100 ms", func() bool { return measure(t, b).CPU.Throttling.ThrottledTime > 100e6 })
	if c := measure(t, b).CPU.Throttling; c.ThrottledPeriods == 0 || c.Periods < c.ThrottledPeriods {
		t.Errorf("%+v", c)
	}
}

func TestPidsAndMemory(t *testing.T) {
	kegtest.NeedRoot(t)
	b := running(t, "dd if=/dev/zero of=/dev/shm/x bs=1M count=20; sleep 1000 & sleep 1000 & sleep 1000 & echo > /data/up; wait", func(s *oci.Spec) {
		pids := int64(17)
		memory := int64(100 << 20)
		s.Linux.Resources.Pids = &oci.LinuxPids{Limit: &pids}
		s.Linux.Resources.Memory = &oci.LinuxMemory{Limit: &memory}
	})
	within(t, time.Minute, "it is up", func() bool {
		_, err := os.Stat(filepath.Join(b.Dir, "rootfs/data/up"))
		return err == nil
	})
	s := measure(t, b)
	if s.Pids.Current != 4 || s.Pids.Limit != 17 {
		t.Errorf("%+v, want 4 of 17", s.Pids)
	}
	m := s.Memory
	if m.Usage.Usage < 20<<20 || m.Usage.Usage > 60<<20 || m.Usage.Limit != 100<<20 || m.Cache < 19<<20 || m.Raw["shmem"] < 19<<20 { // the kernel keeps up to half a MB back
		t.Errorf("after 20 MB were written to memory: %+v", m)
	}
	if m.Swap.Usage < m.Usage.Usage/2 {
		t.Errorf("memory and swap: %+v, memory %+v", m.Swap, m.Usage)
	}
}

// What a container writes to a disk is counted: itself, since what the kernel writes for
// it, when it likes, is nobody's on v1.
func TestBlkio(t *testing.T) {
	kegtest.NeedRoot(t)
	b := bundle(t, "dd if=/dev/zero of=/data/x bs=1M count=8 oflag=direct; exec sleep 1000")
	var st syscall.Statfs_t
	if err := syscall.Statfs(b.Dir, &st); err != nil {
		t.Fatal(err)
	}
	const ext4, xfs, btrfs = 0xef53, 0x58465342, 0x9123683e
	if st.Type != ext4 && st.Type != xfs && st.Type != btrfs {
		t.Skip("the test's directory is not on a disk of this machine's")
	}
	must(t, b.Keg("run", "-d", "--bundle", b.Dir, b.ID()))
	within(t, time.Minute, "8 MB written are counted", func() bool {
		for _, e := range measure(t, b).Blkio.IOServiceBytesRecursive {
			if e.Op == "Write" && e.Value >= 8<<20 {
				return true
			}
		}
		return false
	})
}

// Whoever reads runc's statistics finds the same keys in keg's.
func TestStatsAsRuncHasThem(t *testing.T) {
	kegtest.NeedRoot(t)
	runc, err := exec.LookPath("runc")
	if err != nil {
		kegtest.Skip(t, "no runc: run test/setup")
	}
	b := running(t, "exec sleep 1000")
	root, id := filepath.Join(b.Dir, "runc"), b.ID()+"-runc"
	call := func(args ...string) kegtest.Result {
		t.Helper()
		return kegtest.Finish(t, exec.Command(runc, append([]string{"--root", root}, args...)...))
	}
	t.Cleanup(func() { call("delete", "-f", id) })
	must(t, call("run", "-d", "--bundle", b.Dir, id))
	var theirs, ours map[string]any
	for line, into := range map[string]*map[string]any{must(t, call("events", "--stats", id)): &theirs, must(t, b.Keg("events", "--stats", b.ID())): &ours} {
		if err := json.Unmarshal([]byte(line), into); err != nil {
			t.Fatal(err)
		}
	}
	sameKeys(t, "", theirs, ours)
}

// sameKeys expects every key of want, with a value of the same kind. What is
// left out when it is zero may be there in one and not in the other.
func sameKeys(t *testing.T, path string, want, got map[string]any) {
	t.Helper()
	for key, value := range want {
		now, ok := got[key]
		switch was := value.(type) {
		case map[string]any:
			inner, same := now.(map[string]any)
			if !same {
				t.Errorf("%s.%s: %T, and runc has an object", path, key, now)
				continue
			}
			sameKeys(t, path+"."+key, was, inner)
		case float64:
			if _, same := now.(float64); ok && !same || !ok && key != "cache" && key != "usage" && key != "max" {
				t.Errorf("%s.%s: %v, and runc has %v", path, key, now, was)
			}
		case []any:
			if _, same := now.([]any); ok && !same {
				t.Errorf("%s.%s: %v, and runc has a list", path, key, now)
			}
		default:
			if !ok {
				t.Errorf("%s.%s is missing", path, key)
			}
		}
	}
}
