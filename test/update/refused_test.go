package update

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

func TestStopped(t *testing.T) {
	b := sleeping(t)
	started(t, b)
	must(t, b.Keg("kill", b.ID(), "KILL"))
	for deadline := time.Now().Add(time.Minute); !strings.Contains(b.Keg("state", b.ID()).Stdout, `"stopped"`); {
		if time.Now().After(deadline) {
			t.Fatal("the killed container does not stop")
		}
		time.Sleep(10 * time.Millisecond)
	}
	refused(t, b.Keg("update", "--pids-limit", "5", b.ID()), "cannot update container", "container not running")
}

func TestNoContainer(t *testing.T) {
	b := kegtest.NewBundle(t)
	refused(t, b.Keg("update", "--pids-limit", "5", b.ID()), "does not exist")
}

// Values that make no sense on any machine, named as they were given.
func TestInvalid(t *testing.T) {
	b := running(t, oci.LinuxResources{Pids: &oci.LinuxPids{Limit: limit(5)}})
	refused(t, b.Keg("update", "--pids-limit", "-2", b.ID()), "keg: --pids-limit: found -2; allowed: -1 or more\n")
	refused(t, b.Keg("update", "--cpu-quota", "10", "--memory-swap=-7", b.ID()), "--memory-swap: ")
	refused(t, b.Keg("update", "--cpu-quota", "10", "--pids-limit", "50", b.ID()), "keg: --cpu-quota: found 10; allowed: -1, 0, 1000 to ")
	refused(t, b.Keg("update", "--cpuset-cpus", "0-", b.ID()), `keg: --cpuset-cpus: found "0-"; allowed: `)
	refused(t, resources(t, b, `{"pids":{"limit":50},"cpu":{"quota":10}}`), "keg: --resources: standard input: cpu.quota: found 10; allowed: ")
	refused(t, resources(t, b, `{"pids":{"limit":50},"cpu":{"quota":"10"}}`), `standard input: cpu.quota: found "10"; allowed: an integer`)
	refused(t, resources(t, b, `{"pids":{"limit":50}}}`), "standard input: ")
	refused(t, resources(t, b, ``), "standard input: ")
	refused(t, b.Keg("update", "-r", filepath.Join(b.Dir, "none"), b.ID()), "--resources: open ", "no such file or directory")
	expectFork(t, b, false, "after updates that were refused")
}

// Where the user has no cgroup of his own, nothing can be limited.
func TestNoCgroup(t *testing.T) {
	b := started(t, sleeping(t))
	if !strings.Contains(read(t, filepath.Join(b.Root, b.ID(), "state.json")), `"cgroups": []`) {
		t.Skip("who may make cgroups has one: the test is for others")
	}
	refused(t, b.Keg("update", "--pids-limit", "5", b.ID()), "has no cgroup, so there are no limits to change (hint: ", "delegated")
	refused(t, resources(t, b, `{"pids":{"limit":5}}`), "has no cgroup")
	must(t, b.Keg("update", b.ID()))
	must(t, resources(t, b, `{}`))
}

// Shares of a machine without resctrl, or of a container without a group.
func TestNoResctrl(t *testing.T) {
	b := running(t, oci.LinuxResources{Pids: &oci.LinuxPids{Limit: limit(5)}})
	words := "linux.intelRdt: "
	if _, err := os.Stat("/sys/fs/resctrl/schemata"); err != nil {
		words += "no resctrl file system is mounted"
	}
	for _, flag := range []string{"--l3-cache-schema=L3:0=f", "--mem-bw-schema=MB:0=20"} {
		refused(t, b.Keg("update", "--pids-limit", "50", flag, b.ID()), words)
	}
	expectFork(t, b, false, "beside shares that were refused")
}
