package run

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// shell is a shell of the host with arguments "$@".
func shell(script string, args ...string) *exec.Cmd {
	return exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...)
}

// schedule is nice value, real-time priority and policy of the container's
// process, from fields 19, 40 and 41 of proc_pid_stat(5).
func schedule(t *testing.T, b *kegtest.Bundle) string {
	t.Helper()
	f := strings.Fields(b.Output())
	return f[18] + " " + f[39] + " " + f[40]
}

func TestScheduler(t *testing.T) {
	for _, c := range []struct {
		scheduler oci.Scheduler
		root      bool
		want      string
	}{
		{oci.Scheduler{Policy: oci.SchedOther, Nice: 5}, false, "5 0 0"},
		{oci.Scheduler{Policy: oci.SchedBatch, Nice: 7}, false, "7 0 3"},
		{oci.Scheduler{Policy: oci.SchedIdle}, false, "0 0 5"},
		{oci.Scheduler{Policy: oci.SchedOther, Nice: -5}, true, "-5 0 0"},
		{oci.Scheduler{Policy: oci.SchedDeadline, Runtime: 1e6, Deadline: 1e7, Period: 1e7}, true, "0 0 6"},
	} {
		t.Run(string(c.scheduler.Policy), func(t *testing.T) {
			if c.root {
				kegtest.NeedRoot(t)
			}
			b := kegtest.NewBundle(t, "cat", "/proc/self/stat")
			b.Spec.Process.Scheduler = &c.scheduler
			if got := schedule(t, b); got != c.want {
				t.Errorf("nice, priority, policy %s, want %s", got, c.want)
			}
		})
	}
}

// The real-time policies, and the flag with which children start with the
// default policy again.
func TestRealTimeScheduler(t *testing.T) {
	kegtest.NeedRoot(t)
	reset := []oci.LinuxSchedulerFlag{oci.SchedFlagResetOnFork}
	for _, c := range []struct {
		scheduler oci.Scheduler
		want      string
	}{
		{oci.Scheduler{Policy: oci.SchedFIFO, Priority: 3}, "0 3 1"},
		{oci.Scheduler{Policy: oci.SchedRR, Priority: 4}, "0 4 2"},
		{oci.Scheduler{Policy: oci.SchedFIFO, Priority: 3, Flags: reset}, "0 0 0"},
	} {
		b := kegtest.NewBundle(t, "sh", "-c", "cat /proc/self/stat; true")
		b.Spec.Linux.Resources = nil
		b.Spec.Process.Scheduler = &c.scheduler
		if _, err := os.Stat("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"); err == nil {
			expectNoRealTime(t, b)
			continue
		}
		if got := schedule(t, b); got != c.want {
			t.Errorf("nice, priority, policy %s, want %s", got, c.want)
		}
	}
}

// A child of a process with this flag has no nice value below 0. Unlike the
// real-time policies, this needs nothing of the cgroup. sched(7)
func TestResetOnFork(t *testing.T) {
	kegtest.NeedRoot(t)
	for _, c := range []struct {
		flags []oci.LinuxSchedulerFlag
		want  string
	}{
		{nil, "-5 0 0"},
		{[]oci.LinuxSchedulerFlag{oci.SchedFlagResetOnFork}, "0 0 0"},
	} {
		b := kegtest.NewBundle(t, "sh", "-c", "cat /proc/self/stat; exit")
		b.Spec.Process.Scheduler = &oci.Scheduler{Policy: oci.SchedOther, Nice: -5, Flags: c.flags}
		if got := schedule(t, b); got != c.want {
			t.Errorf("%v: %s, want %s", c.flags, got, c.want)
		}
	}
}

// With RT_GROUP_SCHED a new v1 cgroup has no real time to give. sched(7)
func expectNoRealTime(t *testing.T, b *kegtest.Bundle) {
	t.Helper()
	want := "keg: process.scheduler: set the scheduler to " + string(b.Spec.Process.Scheduler.Policy) + ": sched_setattr: operation not permitted" +
		" (hint: a real-time policy or a lower nice value needs CAP_SYS_NICE on the host and, where there is cpu.rt_runtime_us, real time for the cgroup)\n"
	if r := b.Run(); r.Code != 1 || r.Stderr != want {
		t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
	}
}

func TestIOPriority(t *testing.T) {
	for _, c := range []struct {
		class oci.IOPriorityClass
		level int
		root  bool
		want  string
	}{
		{oci.IOPRIO_CLASS_BE, 6, false, "best-effort: prio 6"},
		{oci.IOPRIO_CLASS_IDLE, 0, false, "idle"},
		{oci.IOPRIO_CLASS_RT, 2, true, "realtime: prio 2"},
	} {
		t.Run(string(c.class), func(t *testing.T) {
			if c.root {
				kegtest.NeedRoot(t)
			}
			b := kegtest.NewBundle(t, "busybox", "ionice")
			b.Spec.Process.IOPriority = &oci.LinuxIOPriority{Class: c.class, Priority: c.level}
			if got := strings.TrimSpace(b.Output()); !strings.HasPrefix(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestPersonality(t *testing.T) {
	for domain, want := range map[oci.LinuxPersonalityDomain]string{oci.PerLinux: "00000000\n", oci.PerLinux32: "00000008\n"} {
		b := kegtest.NewBundle(t, "sh", "-c", "cat /proc/self/personality; uname -m")
		b.Spec.Linux.Personality = &oci.LinuxPersonality{Domain: domain}
		got := b.Output()
		machine, ok := strings.CutPrefix(got, want)
		if is32 := machine == "i686\n" || machine == "armv8l\n"; !ok || is32 != (domain == oci.PerLinux32) {
			t.Errorf("%s: %q", domain, got)
		}
	}
}

// execCPUAffinity is exec's. runtime-spec config.md#linux-process
func TestExecCPUAffinityIsNotTheInits(t *testing.T) {
	b := kegtest.NewBundle(t)
	b.Spec.Process.ExecCPUAffinity = &oci.CPUAffinity{Initial: "0", Final: "0"}
	host := ""
	for line := range strings.Lines(read(t, "/proc/self/status")) {
		if rest, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			host = strings.TrimSpace(rest)
		}
	}
	expectStatus(t, status(t, b), map[string]string{"Cpus_allowed_list": host})
}
