package systemd

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// The container's processes, and those that join it, are in the scope; delete
// leaves nothing of it.
func TestScope(t *testing.T) {
	b := bundle(t, "sleep 1000", memory(64<<20), pids(20), annotate("org.systemd.property.TimeoutStopSec", "7"),
		annotate("org.systemd.property.After", "['keg_none.service']"))
	keg(t, b, "--systemd-cgroup", "create", "--bundle", b.Dir, b.ID())
	properties(t, scope(b), map[string]string{
		"ActiveState": "active", "Slice": "keg_test.slice", "Delegate": "yes", "DefaultDependencies": "no", "CollectMode": "inactive-or-failed",
		"TasksMax": "20", "TimeoutStopUSec": "7s", "Description": "container " + b.ID(), "MemoryAccounting": "yes",
	})
	if after := property(t, scope(b), "After"); !strings.Contains(after, "keg_none.service") {
		t.Errorf("After=%s", after)
	}
	if pure() {
		properties(t, scope(b), map[string]string{"MemoryMax": number(64 << 20)})
	}
	keg(t, b, "start", b.ID())
	group := property(t, scope(b), "ControlGroup")
	if table := inCgroups(t, pidOf(t, b)); !strings.HasSuffix(group, "/keg_test.slice/"+scope(b)) || !strings.Contains(table, group+"\n") {
		t.Errorf("scope %s, init in\n%s", group, table)
	}
	keg(t, b, "exec", "-d", "--pid-file", b.Dir+"/pid", b.ID(), "sleep", "1000")
	pid, err := os.ReadFile(b.Dir + "/pid")
	if err != nil {
		t.Fatal(err)
	}
	if table := inCgroups(t, string(pid)); !strings.Contains(table, group+"\n") {
		t.Errorf("scope %s, exec in\n%s", group, table)
	}
	keg(t, b, "delete", "-f", b.ID())
	nothingLeft(t, b.ID())
}

func inCgroups(t *testing.T, pid string) string {
	t.Helper()
	table, err := os.ReadFile("/proc/" + pid + "/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	return string(table)
}

// A container in the foreground is gone with its program; with --keep its unit
// is not, until it is deleted.
func TestRun(t *testing.T) {
	b := bundle(t, "cat /proc/self/cgroup; exit 3", pids(20))
	if r := b.Keg("--systemd-cgroup", "run", "--bundle", b.Dir, b.ID()); r.Code != 3 || !strings.Contains(r.Stdout, scope(b)) && !strings.Contains(r.Stdout, ":/\n") {
		t.Errorf("status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	nothingLeft(t, b.ID())
	if r := b.Keg("--systemd-cgroup", "run", "--keep", "--bundle", b.Dir, b.ID()); r.Code != 3 {
		t.Errorf("status %d\n%s", r.Code, r.Stderr)
	}
	keg(t, b, "delete", b.ID())
	nothingLeft(t, b.ID())
}

// Without cgroupsPath the scope is named after the container.
func TestNoPath(t *testing.T) {
	b := running(t, "sleep 1000", func(s *oci.Spec) { s.Linux.CgroupsPath = "" })
	want := "system.slice"
	if os.Geteuid() != 0 {
		want = "user.slice"
	}
	properties(t, scope(b), map[string]string{"Slice": want, "ActiveState": "active"})
}

func TestKillAll(t *testing.T) {
	b := running(t, "sleep 1000 & sleep 1000 & wait")
	keg(t, b, "kill", "--all", b.ID(), "KILL")
	eventually(t, "the container's end", func() bool { return strings.Contains(keg(t, b, "state", b.ID()), `"stopped"`) })
	keg(t, b, "delete", b.ID())
	nothingLeft(t, b.ID())
}

// A scope that has ended by itself, and one that systemd has stopped, leave
// something to delete and nothing to fail over.
func TestStoppedBySystemd(t *testing.T) {
	b := running(t, "trap 'exit 0' TERM; echo > /data/ready; while :; do sleep 1; done")
	eventually(t, "the trap", func() bool {
		_, err := os.Stat(b.Dir + "/rootfs/data/ready")
		return err == nil
	})
	systemctl(t, "stop", scope(b))
	eventually(t, "the container's end", func() bool { return strings.Contains(keg(t, b, "state", b.ID()), `"stopped"`) })
	keg(t, b, "delete", b.ID())
	nothingLeft(t, b.ID())
}

func TestPause(t *testing.T) {
	b := running(t, "sleep 1000")
	keg(t, b, "pause", b.ID())
	keg(t, b, "resume", b.ID())
	keg(t, b, "pause", b.ID())
	keg(t, b, "delete", "-f", b.ID())
	nothingLeft(t, b.ID())
}

// The unit of another is neither taken nor stopped.
func TestExists(t *testing.T) {
	b := bundle(t, "sleep 1000")
	args := []string{"--scope", "--quiet", "--unit=" + scope(b), "sleep", "1000"}
	if os.Geteuid() != 0 {
		args = append([]string{"--user"}, args...)
	}
	other := exec.Command("systemd-run", args...)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		other.Process.Kill()
		other.Wait()
		eventually(t, "the other scope's end", func() bool { return property(t, scope(b), "ActiveState") == "inactive" })
	}()
	eventually(t, "the other scope", func() bool { return property(t, scope(b), "ActiveState") == "active" })
	r := b.Keg("--systemd-cgroup", "create", "--bundle", b.Dir, b.ID())
	if r.Code == 0 || !strings.Contains(r.Stderr, "linux.cgroupsPath: "+scope(b)+": the unit exists already") {
		t.Errorf("status %d: %s", r.Code, r.Stderr)
	}
	keg(t, b, "delete", "-f", b.ID())
	properties(t, scope(b), map[string]string{"ActiveState": "active"})
}

// A keg that is killed at any moment leaves nothing that delete does not find.
func TestKilled(t *testing.T) {
	b := bundle(t, "sleep 1000", pids(20))
	begin := time.Now()
	keg(t, b, "--systemd-cgroup", "create", "--bundle", b.Dir, b.ID())
	takes := time.Since(begin)
	keg(t, b, "delete", "-f", b.ID())
	const steps = 8
	for i := range steps {
		cmd := exec.Command(kegtest.Keg(t), "--root", b.Root, "--systemd-cgroup", "create", "--bundle", b.Dir, b.ID())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(takes * time.Duration(i+1) / (steps + 1))
		cmd.Process.Kill()
		cmd.Wait()
		keg(t, b, "delete", "-f", b.ID())
		nothingLeft(t, b.ID())
	}
}

// The container lives in a sub-cgroup of the scope, with its limits.
func TestSubgroup(t *testing.T) {
	b := running(t, "sleep 1000", pids(20), annotate("run.oci.systemd.subgroup", "inner/box"))
	group := property(t, scope(b), "ControlGroup")
	if table := inCgroups(t, pidOf(t, b)); !strings.Contains(table, group+"/inner/box\n") {
		t.Errorf("scope %s, init in\n%s", group, table)
	}
	if got := limitFile(t, b, "pids", "pids.max"); got != "20" {
		t.Errorf("pids.max %s", got)
	}
	if out := keg(t, b, "exec", b.ID(), "echo", "joined"); out != "joined\n" {
		t.Errorf("%q", out)
	}
	keg(t, b, "delete", "-f", b.ID())
	nothingLeft(t, b.ID())
}
