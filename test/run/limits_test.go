package run

import (
	"os"
	"regexp"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// limit is a line of the container's /proc/self/limits: soft and hard.
func limit(t *testing.T, out, name string) string {
	t.Helper()
	for line := range strings.Lines(out) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strings.Join(strings.Fields(rest)[:2], " ")
		}
	}
	t.Fatalf("no %q in\n%s", name, out)
	return ""
}

func TestRlimits(t *testing.T) {
	b := kegtest.NewBundle(t, "cat", "/proc/self/limits")
	b.Spec.Process.Rlimits = []oci.POSIXRlimit{
		{Type: "RLIMIT_CPU", Soft: 100, Hard: 200}, {Type: "RLIMIT_FSIZE", Soft: 1 << 30, Hard: 1 << 31},
		{Type: "RLIMIT_DATA", Soft: 1 << 30, Hard: 1 << 30}, {Type: "RLIMIT_STACK", Soft: 1 << 20, Hard: 1 << 22},
		{Type: "RLIMIT_CORE", Soft: 0, Hard: 0}, {Type: "RLIMIT_RSS", Soft: 1 << 28, Hard: 1 << 28},
		{Type: "RLIMIT_NPROC", Soft: 900, Hard: 901}, {Type: "RLIMIT_NOFILE", Soft: 17, Hard: 18},
		{Type: "RLIMIT_MEMLOCK", Soft: 4096, Hard: 8192}, {Type: "RLIMIT_AS", Soft: 1 << 30, Hard: 1 << 30},
		{Type: "RLIMIT_LOCKS", Soft: 5, Hard: 6}, {Type: "RLIMIT_SIGPENDING", Soft: 50, Hard: 60},
		{Type: "RLIMIT_MSGQUEUE", Soft: 4096, Hard: 8192}, {Type: "RLIMIT_NICE", Soft: 0, Hard: 0},
		{Type: "RLIMIT_RTPRIO", Soft: 0, Hard: 0}, {Type: "RLIMIT_RTTIME", Soft: 1000, Hard: 2000},
	}
	out := b.Output()
	for name, want := range map[string]string{
		"Max cpu time": "100 200", "Max file size": "1073741824 2147483648", "Max data size": "1073741824 1073741824",
		"Max stack size": "1048576 4194304", "Max core file size": "0 0", "Max resident set": "268435456 268435456",
		"Max processes": "900 901", "Max open files": "17 18", "Max locked memory": "4096 8192",
		"Max address space": "1073741824 1073741824", "Max file locks": "5 6", "Max pending signals": "50 60",
		"Max msgqueue size": "4096 8192", "Max nice priority": "0 0", "Max realtime priority": "0 0", "Max realtime timeout": "1000 2000",
	} {
		if got := limit(t, out, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

const sysResource = 24 // CAP_SYS_RESOURCE

// A hard limit above keg's own: for who has CAP_SYS_RESOURCE, in a user
// namespace as well.
func TestRlimitRaised(t *testing.T) {
	limits := kegtest.NewBundle(t, "cat", "/proc/self/limits")
	raise := "keg: process.rlimits[0]: limit RLIMIT_NOFILE to 2000 (hard: 3000): prlimit64: operation not permitted"
	if os.Geteuid() == 0 {
		expectRaised(t, userBundle(t, "cat /proc/self/limits"),
			"keg: process.rlimits[0]: raise RLIMIT_NOFILE as far as it is asked for: prlimit: operation not permitted")
	}
	expectRaised(t, limits, raise)
}

func expectRaised(t *testing.T, b *kegtest.Bundle, refusal string) {
	t.Helper()
	b.Spec.Linux.Resources = nil
	b.Spec.Process.Rlimits = []oci.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 2000, Hard: 3000}}
	b.Write()
	// dash's ulimit sets both.
	r := kegtest.Finish(t, shell("ulimit -n 1000; exec \"$@\"", kegtest.Keg(t), "--root", b.Root, "run", "--bundle", b.Dir, b.ID()))
	if !hasCapability(t, sysResource) {
		if want := refusal + " (hint: a hard limit cannot be raised without CAP_SYS_RESOURCE, and RLIMIT_NOFILE never above fs.nr_open)\n"; r.Code != 1 || r.Stderr != want {
			t.Errorf("exit status %d\n%s\nwant:\n%s", r.Code, r.Stderr, want)
		}
		return
	}
	if got := limit(t, r.Stdout, "Max open files"); got != "2000 3000" {
		t.Errorf("%q, want %q\n%s", got, "2000 3000", r.Stderr)
	}
}

func TestOOMScore(t *testing.T) {
	for name, b := range map[string]*kegtest.Bundle{
		"default": kegtest.NewBundle(t), "user namespace": userBundle(t, "cat /proc/self/oom_score_adj"),
	} {
		score := 777
		b.Spec.Process.Args = []string{"cat", "/proc/self/oom_score_adj"}
		b.Spec.Process.OOMScoreAdj = &score
		if got := strings.TrimSpace(b.Output()); got != "777" {
			t.Errorf("%s: %s, want 777", name, got)
		}
	}
}

func TestOOMScoreLowered(t *testing.T) {
	b := kegtest.NewBundle(t, "cat", "/proc/self/oom_score_adj")
	b.Spec.Linux.Resources = nil
	score := -500
	b.Spec.Process.OOMScoreAdj = &score
	r := b.Run()
	if hasCapability(t, sysResource) {
		if r.Stdout != "-500\n" {
			t.Errorf("%q, want -500\n%s", r.Stdout, r.Stderr)
		}
		return
	}
	want := `^keg: process\.oomScoreAdj: set the OOM score adjustment to -500: write( /proc/\d+/oom_score_adj)?: permission denied` +
		` \(hint: without CAP_SYS_RESOURCE it cannot be set below what keg runs with: see /proc/self/oom_score_adj\)\n$`
	if r.Code != 1 || !regexp.MustCompile(want).MatchString(r.Stderr) {
		t.Errorf("exit status %d, %q\n%s\nwant:\n%s", r.Code, r.Stdout, r.Stderr, want)
	}
}
