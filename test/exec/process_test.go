package exec

import (
	"encoding/json"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// process is what an engine writes for --process.
func process(args ...string) *oci.Process {
	return &oci.Process{Args: args, Cwd: "/", Env: []string{"PATH=/bin"}}
}

func encode(t *testing.T, p *oci.Process) string {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// given runs a process that stands in a file.
func given(t *testing.T, b *kegtest.Bundle, p *oci.Process, flags ...string) kegtest.Result {
	t.Helper()
	file := filepath.Join(kegtest.TempDir(t), "process.json")
	if err := os.WriteFile(file, []byte(encode(t, p)), 0o644); err != nil {
		t.Fatal(err)
	}
	return b.Keg(append(append([]string{"exec", "--process", file}, flags...), b.ID())...)
}

func TestProcess(t *testing.T) {
	b := sleeper(t, func(s *oci.Spec) { s.Process.Env = append(s.Process.Env, "CONFIG=1") })
	p := process("sh", "-c", "pwd; env | sort; exit 3")
	p.Cwd, p.Env = "/tmp", []string{"PATH=/bin", "A=1", "A=2"}
	r := given(t, b, p)
	// PWD and SHLVL are the shell's.
	if want := "/tmp\nA=2\nHOME=/root\nPATH=/bin\nPWD=/tmp\nSHLVL=1\n"; r.Code != 3 || r.Stdout != want {
		t.Errorf("exit status %d, %q, want %q: %s", r.Code, r.Stdout, want, r.Stderr)
	}
}

// From standard input, and from what a shell's <(…) is.
func TestProcessFromPipe(t *testing.T) {
	b := sleeper(t)
	text := encode(t, process("echo", strings.Repeat("x", 100_000)))
	r := kegtest.Command(t, text, "--root", b.Root, "exec", "--process", "-", b.ID())
	if r.Code != 0 || len(r.Stdout) != 100_001 {
		t.Errorf("from standard input: exit status %d, %d bytes: %s", r.Code, len(r.Stdout), r.Stderr)
	}
	cmd := osexec.Command("bash", "-c", `"$0" --root "$1" exec -p <(echo "$3") "$2"`, kegtest.Keg(t), b.Root, b.ID(), encode(t, process("echo", "yes")))
	if r := kegtest.Finish(t, cmd); r.Code != 0 || r.Stdout != "yes\n" {
		t.Errorf("from a pipe: exit status %d, %q: %s", r.Code, r.Stdout, r.Stderr)
	}
}

func TestBadProcess(t *testing.T) {
	b := sleeper(t)
	for text, want := range map[string]string{
		"":                                    "invalid process: ",
		"[]":                                  "invalid process: ",
		"{}":                                  "invalid process: process.args: found nothing",
		`{"args": []}`:                        "process.args: found nothing",
		`{"args": "true"}`:                    "invalid process: args: ",
		`{"args": ["true"], "cwd": "tmp"}`:    `process.cwd: found "tmp"`,
		`{"args": ["true"], "user": {"uid":`:  "invalid process: ",
		`{"args": ["true"], "cwd":"/"} extra`: "invalid process: ",
		`{"args": ["true"], "cwd":"/", "rlimits": [{"type":"RLIMIT_NONE"}]}`: "process.rlimits[0].type",
		`{"args": ["true"], "cwd":"/", "user": {"uid": -1}}`:                 "user.uid",
		`{"args": ["true"], "cwd":"/", "user": {"uid": 4294967295}}`:         "process.user.uid",
	} {
		refused(t, kegtest.Command(t, text, "--root", b.Root, "exec", "--process", "-", b.ID()), want)
	}
}

// inherited is a container whose process has everything that exec inherits.
func inherited(s *oci.Spec) {
	umask, score := uint32(0o027), 567
	s.Process.User.Umask = &umask
	s.Process.OOMScoreAdj = &score
	s.Process.Scheduler = &oci.Scheduler{Policy: oci.SchedBatch, Nice: 7}
	s.Process.IOPriority = &oci.LinuxIOPriority{Class: oci.IOPRIO_CLASS_BE, Priority: 6}
	s.Process.Rlimits = []oci.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 77, Hard: 88}}
	s.Process.Capabilities = &oci.LinuxCapabilities{Bounding: []string{"CAP_KILL", "CAP_CHOWN"}, Permitted: []string{"CAP_KILL"}, Effective: []string{"CAP_KILL"}}
	s.Linux.Personality = &oci.LinuxPersonality{Domain: oci.PerLinux32}
}

// look prints what is inherited; fields 19 and 41 of stat are nice value and
// policy.
const look = `grep -E "^(Umask|CapInh|CapPrm|CapEff|CapBnd|CapAmb)" /proc/self/status
cut -d" " -f19,41 /proc/self/stat; grep "open files" /proc/self/limits; cat /proc/self/oom_score_adj; uname -m`

func TestInherited(t *testing.T) {
	b := sleeper(t, inherited)
	want := strings.Fields(`Umask: 0027 CapInh: 0000000000000000 CapPrm: 0000000000000020 CapEff: 0000000000000020
		CapBnd: 0000000000000021 CapAmb: 0000000000000000 7 3 Max open files 77 88 files 567`)
	check := func(how, got string) {
		t.Helper()
		fields := strings.Fields(got)
		machine := fields[len(fields)-1]
		if text := strings.Join(fields[:len(fields)-1], " "); text != strings.Join(want, " ") {
			t.Errorf("%s:\n%s\nwant\n%s", how, text, strings.Join(want, " "))
		}
		if machine != "i686" && machine != "armv8l" {
			t.Errorf("%s: machine %s, which is not the personality's", how, machine)
		}
	}
	check("a command", sh(t, b, look))
	p := process("sh", "-c", look)
	p.NoNewPrivileges = true // or root gets the bounding set
	check("a process", must(t, given(t, b, p)))
	if _, err := osexec.LookPath("ionice"); err != nil {
		kegtest.Skip(t, "no ionice: apt-get install util-linux")
	}
	pid := detached(t, b, "sleep", "1000")
	out, err := osexec.Command("ionice", "-p", strconv.Itoa(pid)).Output()
	if err != nil || string(out) != "best-effort: prio 6\n" {
		t.Errorf("its I/O priority: %s, %v", out, err)
	}
}

// A process that says otherwise has its own way.
func TestNotInherited(t *testing.T) {
	b := sleeper(t, inherited)
	p := process("sh", "-c", look)
	umask, score := uint32(0), 600
	p.User.Umask, p.OOMScoreAdj = &umask, &score
	p.Scheduler = &oci.Scheduler{Policy: oci.SchedOther, Nice: 9}
	p.Rlimits = []oci.POSIXRlimit{{Type: "RLIMIT_NOFILE", Soft: 66, Hard: 66}}
	p.Capabilities = &oci.LinuxCapabilities{Bounding: []string{"CAP_CHOWN"}, Inheritable: []string{"CAP_CHOWN"}, Permitted: []string{"CAP_CHOWN"}, Ambient: []string{"CAP_CHOWN"}}
	p.NoNewPrivileges = true
	fields := strings.Fields(must(t, given(t, b, p)))
	want := `Umask: 0000 CapInh: 0000000000000001 CapPrm: 0000000000000001 CapEff: 0000000000000001
		CapBnd: 0000000000000001 CapAmb: 0000000000000001 9 0 Max open files 66 66 files 600`
	if got := strings.Join(fields[:len(fields)-1], " "); got != strings.Join(strings.Fields(want), " ") {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// An ordinary user can only raise it; the privileged may set what they like.
func TestOOMScore(t *testing.T) {
	b := sleeper(t)
	p, low := process("cat", "/proc/self/oom_score_adj"), -900
	score := 1000
	p.OOMScoreAdj = &score
	if got := must(t, given(t, b, p)); got != "1000\n" {
		t.Errorf("OOM score adjustment %s", got)
	}
	p.OOMScoreAdj = &low
	r := given(t, b, p)
	if r.Code != 0 { // CAP_SYS_RESOURCE is not everywhere root's
		refused(t, r, "without CAP_SYS_RESOURCE it cannot be set below what keg runs with")
	} else if r.Stdout != "-900\n" {
		t.Errorf("OOM score adjustment %s", r.Stdout)
	}
}

// By the container's own passwd, and only where the environment does not say.
func TestHome(t *testing.T) {
	b := sleeper(t, writable)
	passwd := "root:x:0:0::/home/of/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n"
	if err := os.WriteFile(filepath.Join(b.Dir, "rootfs/etc/passwd"), []byte(passwd), 0o644); err != nil {
		t.Fatal(err)
	}
	home := func(uid uint32, env ...string) string {
		p := process("sh", "-c", "echo $HOME")
		p.User.UID, p.Env = uid, append(p.Env, env...)
		return must(t, given(t, b, p))
	}
	if got := home(0); got != "/home/of/root\n" {
		t.Errorf("root's HOME: %s", got)
	}
	if got := home(0, "HOME=/else"); got != "/else\n" {
		t.Errorf("HOME where it is given: %s", got)
	}
	if got := home(0, "HOME="); got != "/home/of/root\n" {
		t.Errorf("HOME where it is empty: %s", got)
	}
	if os.Geteuid() == 0 {
		if got := home(1000) + home(4711); got != "/home/user\n/\n" {
			t.Errorf("HOME of a user, of one without an entry: %s", got)
		}
	}
}

// CVE-2022-24769, CVE-2022-29162: nobody gains what the sets do not say, also
// not a user other than root.
func TestNoInheritableCapabilities(t *testing.T) {
	kegtest.NeedRoot(t)
	b := sleeper(t)
	for _, flags := range [][]string{nil, {"-u", "1000"}, {"--cap", "CAP_SYS_ADMIN"}, {"-u", "1000", "--cap", "CAP_SYS_ADMIN"}} {
		got := strings.Join(strings.Fields(sh(t, b, "grep -E 'Cap(Inh|Amb)' /proc/self/status", flags...)), " ")
		if got != "CapInh: 0000000000000000 CapAmb: 0000000000000000" {
			t.Errorf("%v: %s", flags, got)
		}
	}
}

func TestAffinity(t *testing.T) {
	b := sleeper(t)
	online := strings.TrimSpace(sh(t, b, "sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status"))
	last := online[strings.LastIndexAny(online, "-,")+1:]
	for _, c := range []struct {
		affinity oci.CPUAffinity
		want     string
	}{
		{oci.CPUAffinity{Final: last}, last},
		{oci.CPUAffinity{Initial: online, Final: last}, last},
		{oci.CPUAffinity{Initial: last, Final: online}, online},
		{oci.CPUAffinity{Initial: last, Final: last + ",8000"}, last}, // those that there are
	} {
		p := process("sed", "-n", "s/^Cpus_allowed_list:\t//p", "/proc/self/status")
		p.ExecCPUAffinity = &c.affinity
		if got := strings.TrimSpace(must(t, given(t, b, p))); got != c.want {
			t.Errorf("%+v: on %s, want %s", c.affinity, got, c.want)
		}
	}
	for field, affinity := range map[string]oci.CPUAffinity{"initial": {Initial: "8000"}, "final": {Final: "4000-4003"}} {
		p := process("true")
		p.ExecCPUAffinity = &affinity
		r := given(t, b, p)
		refused(t, r, "process.execCPUAffinity."+field+": ")
		refused(t, r, "none of these CPUs is there")
	}
	p := process("true")
	p.ExecCPUAffinity = &oci.CPUAffinity{Final: "1-"}
	refused(t, given(t, b, p), "process.execCPUAffinity.final: ")
}

// The configuration's own is for exec as well, and not for the init.
func TestConfiguredAffinity(t *testing.T) {
	b := sleeper(t)
	online := strings.TrimSpace(sh(t, b, "sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status"))
	last := online[strings.LastIndexAny(online, "-,")+1:]
	b = sleeper(t, func(s *oci.Spec) { s.Process.ExecCPUAffinity = &oci.CPUAffinity{Initial: last, Final: last} })
	if got := status(t, initPid(t, b), "Cpus_allowed_list"); got != online {
		t.Errorf("the init is on %s", got)
	}
	if got := sh(t, b, "sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status"); got != last+"\n" {
		t.Errorf("the process is on %s, want %s", got, last)
	}
}
