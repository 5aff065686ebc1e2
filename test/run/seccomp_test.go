package run

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/test/kegtest"
)

// The calls that rules are about: harmless, and made by nothing else.
var (
	getpgid     = strconv.Itoa(syscall.SYS_GETPGID)
	getpriority = strconv.Itoa(syscall.SYS_GETPRIORITY)
)

var caller = sync.OnceValues(func() ([]byte, error) { return kegtest.Program("testdata/call.c") })

// filtered is a bundle with a profile, that runs testdata/call.c or another
// command.
func filtered(t *testing.T, p *oci.LinuxSeccomp, args ...string) *kegtest.Bundle {
	t.Helper()
	b := kegtest.NewBundle(t, args...)
	b.Spec.Linux.Seccomp = p
	program, err := caller()
	if err != nil {
		kegtest.Skip(t, "%v", err)
	}
	if err := os.WriteFile(filepath.Join(b.Dir, "rootfs/bin/call"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	return b
}

// rule is a profile that allows everything but what one rule says.
func rule(action oci.LinuxSeccompAction, errno uint, name string, args ...oci.LinuxSeccompArg) *oci.LinuxSeccomp {
	e := oci.LinuxSyscall{Names: []string{name}, Action: action, Args: args}
	if errno > 0 {
		e.ErrnoRet = &errno
	}
	return &oci.LinuxSeccomp{DefaultAction: oci.ActAllow, Syscalls: []oci.LinuxSyscall{e}}
}

// Every action shows its effect in the container, with and without
// noNewPrivileges.
func TestSeccompActions(t *testing.T) {
	for _, tt := range []struct {
		action oci.LinuxSeccompAction
		errno  uint
		flags  string
		want   string
		code   int
	}{
		{oci.ActErrno, 0, "", "-1\n", 0},
		{oci.ActErrno, 95, "", "-95\n", 0},
		{oci.ActAllow, 0, "", "a group", 0},
		{oci.ActLog, 0, "", "a group", 0},
		{oci.ActTrace, 0, "", "-38\n", 0},
		{oci.ActTrap, 0, "-trap", "SIGSYS for " + getpgid + "\n", 3},
		{oci.ActTrap, 0, "", "", 128 + 31},
		{oci.ActKill, 0, "", "", 128 + 31},
		{oci.ActKillThread, 0, "", "", 128 + 31},
		{oci.ActKillThread, 0, "-thread", "", 7}, // the other thread lives on
		{oci.ActKillProcess, 0, "-thread", "", 128 + 31},
	} {
		for _, nnp := range []bool{true, false} {
			t.Run(string(tt.action)+tt.flags+strconv.FormatBool(nnp), func(t *testing.T) {
				args := append(append([]string{"call"}, strings.Fields(tt.flags)...), getpgid)
				b := filtered(t, rule(tt.action, tt.errno, "getpgid"), args...)
				b.Spec.Process.NoNewPrivileges = nnp
				r := b.Run()
				if tt.want == "a group" && (r.Stdout == "0\n" || r.Stdout == "1\n") {
					r.Stdout = tt.want
				}
				if r.Code != tt.code || r.Stdout != tt.want {
					t.Errorf("%+v, want status %d, %q", r, tt.code, tt.want)
				}
			})
		}
	}
}

func TestSeccompConditions(t *testing.T) {
	const big = 1<<40 | 1
	for _, tt := range []struct {
		op          oci.LinuxSeccompOperator
		value, two  uint64
		who         uint64
		conditioned bool
	}{
		{oci.OpEqualTo, 1, 0, 1, true}, {oci.OpEqualTo, 1, 0, big, false},
		{oci.OpNotEqual, 1, 0, 1, false}, {oci.OpNotEqual, 1, 0, big, true},
		{oci.OpGreaterThan, big, 0, big, false}, {oci.OpGreaterThan, big, 0, big + 1, true},
		{oci.OpGreaterEqual, big, 0, big, true}, {oci.OpGreaterEqual, big, 0, 2, false},
		{oci.OpLessThan, big, 0, big, false}, {oci.OpLessThan, big, 0, 5, true},
		{oci.OpLessEqual, big, 0, big, true}, {oci.OpLessEqual, 7, 0, big, false},
		{oci.OpMaskedEqual, 0xff, 1, big, true}, {oci.OpMaskedEqual, 1 << 40, 0, big, false},
	} {
		who := strconv.FormatUint(tt.who, 10)
		b := filtered(t, rule(oci.ActErrno, 99, "getpriority", oci.LinuxSeccompArg{Index: 1, Op: tt.op, Value: tt.value, ValueTwo: tt.two},
			oci.LinuxSeccompArg{Index: 0, Op: oci.OpEqualTo, Value: 0}), "call", getpriority, "0", who)
		r := b.Run()
		if r.Code != 0 || (r.Stdout == "-99\n") != tt.conditioned {
			t.Errorf("%s %d, %d: %s: %+v", tt.op, tt.value, tt.two, who, r)
		}
	}
}

// A program for another of the machine's architectures is filtered if the
// profile has it, and killed otherwise: 386's getpgid has number 132.
func TestSeccompCompat(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("386 runs on amd64")
	}
	p := rule(oci.ActErrno, 77, "getpgid")
	b := filtered(t, p, "call", "-32", "132")
	if r := b.Run(); r.Code != 128+31 {
		t.Errorf("not in architectures: %+v", r)
	}
	p.Architectures = []oci.Arch{oci.ArchX86}
	b = filtered(t, p, "call", "-32", "132")
	if r := b.Run(); r.Code != 0 || r.Stdout != "-77\n" {
		t.Errorf("%+v", r)
	}
	// socket by socketcall(SYS_SOCKET, …), which the rule does not name
	p = rule(oci.ActErrno, 78, "socket")
	p.Architectures = []oci.Arch{oci.ArchX86}
	b = filtered(t, p, "call", "-32", "102", "1", "0")
	if r := b.Run(); r.Code != 0 || r.Stdout != "-78\n" {
		t.Errorf("socketcall: %+v", r)
	}
}

// A call that is newer than the profile does not exist for the program, one
// that its author knew is refused.
func TestSeccompNewerCalls(t *testing.T) {
	allowed := []string{"execve", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlinkat", "readlink",
		"getrandom", "mprotect", "newfstatat", "fstat", "write", "exit_group", "capset", "mmap", "ioctl", "close_range"}
	for nr, want := range map[string]string{"460": "-38\n", getpgid: "-1\n"} {
		p := &oci.LinuxSeccomp{DefaultAction: oci.ActErrno, Syscalls: []oci.LinuxSyscall{{Names: allowed, Action: oci.ActAllow}}}
		if r := filtered(t, p, "call", nr).Run(); r.Code != 0 || r.Stdout != want {
			t.Errorf("%s: %+v, want %q", nr, r, want)
		}
	}
}

func TestSeccompFlags(t *testing.T) {
	p := rule(oci.ActErrno, 99, "getpgid")
	p.Flags = []oci.LinuxSeccompFlag{"SECCOMP_FILTER_FLAG_TSYNC", oci.LinuxSeccompFlagLog, oci.LinuxSeccompFlagSpecAllow, oci.LinuxSeccompFlagWaitKillableRecv}
	r := filtered(t, p, "call", getpgid).Run()
	if r.Code != 0 || r.Stdout != "-99\n" || !strings.Contains(r.Stderr, "linux.seccomp.flags[3]: ignored") {
		t.Errorf("%+v", r)
	}
}

// The filter holds after create and start, and for what is executed later.
func TestSeccompLifecycle(t *testing.T) {
	b := filtered(t, rule(oci.ActErrno, 99, "getpgid"), "sh", "-c", "call "+getpgid+" > /tmp/out; exec sleep 100")
	b.Spec.Root.Readonly = false
	b.Write()
	t.Cleanup(func() { b.Keg("delete", "-f", b.ID()) })
	for _, args := range [][]string{{"create", "--bundle", b.Dir, b.ID()}, {"start", b.ID()}} {
		if r := b.Keg(args...); r.Code != 0 {
			t.Fatalf("%v: %+v", args, r)
		}
	}
	if r := b.Keg("exec", b.ID(), "call", getpgid); r.Code != 0 || r.Stdout != "-99\n" {
		t.Errorf("exec: %+v", r)
	}
	out := filepath.Join(b.Dir, "rootfs/tmp/out")
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		text, _ := os.ReadFile(out)
		if string(text) == "-99\n" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%q", text)
		}
	}
}

// A profile that stops what keg still has to call is refused, by the call's
// name, and nothing is left.
func TestSeccompStopsKeg(t *testing.T) {
	caps := &oci.LinuxCapabilities{Bounding: []string{"CAP_KILL"}, Effective: []string{"CAP_KILL"}, Permitted: []string{"CAP_KILL"},
		Inheritable: []string{"CAP_KILL"}, Ambient: []string{"CAP_KILL"}}
	for _, action := range []oci.LinuxSeccompAction{oci.ActErrno, oci.ActKill, oci.ActTrap, oci.ActTrace, oci.ActKillProcess} {
		for _, tt := range []struct {
			call string
			nnp  bool
		}{{"execve", true}, {"execve", false}, {"capset", false}, {"prctl", false}} {
			b := filtered(t, rule(action, 0, tt.call), "true")
			b.Spec.Process.NoNewPrivileges, b.Spec.Process.Capabilities = tt.nnp, caps
			if r := b.Run(); r.Code != 1 || !strings.Contains(r.Stderr, "linux.seccomp: the profile answers ") || !strings.Contains(r.Stderr, " to "+tt.call+", which keg has to call") {
				t.Errorf("%s %s: %+v", action, tt.call, r)
			}
			if r := b.Keg("list", "-q"); r.Stdout != "" {
				t.Errorf("%s %s: left: %s", action, tt.call, r.Stdout)
			}
		}
	}
	// with noNewPrivileges nothing of keg's comes after the filter
	b := filtered(t, rule(oci.ActErrno, 0, "capset"), "true")
	b.Spec.Process.NoNewPrivileges = true
	b.Output()
}

// The capabilities under the filter are those of the configuration, though one
// more was needed to load it.
func TestSeccompCapabilities(t *testing.T) {
	const script = "grep Cap /proc/self/status; grep Seccomp: /proc/self/status; grep NoNewPrivs /proc/self/status"
	plain := kegtest.NewBundle(t, "sh", "-c", script)
	plain.Spec.Process.NoNewPrivileges = false
	want := strings.Replace(plain.Output(), "Seccomp:\t0", "Seccomp:\t2", 1)
	b := filtered(t, rule(oci.ActErrno, 0, "getpgid"), "sh", "-c", script)
	b.Spec.Process.NoNewPrivileges = false
	if got := b.Output(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// With execve failing under a filter that refuses every way to say so, keg
// ends nevertheless.
func TestSeccompExecveFails(t *testing.T) {
	p := &oci.LinuxSeccomp{DefaultAction: oci.ActErrno, Syscalls: []oci.LinuxSyscall{{Names: []string{"execve"}, Action: oci.ActAllow}}}
	b := filtered(t, p, "/bin/script")
	b.Spec.Process.NoNewPrivileges = true
	if err := os.WriteFile(filepath.Join(b.Dir, "rootfs/bin/script"), []byte("#!/nowhere\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if r := b.Run(); r.Code == 0 {
		t.Errorf("%+v", r)
	}
}

// startContainer's hooks run under the filter, those before are keg's own.
func TestSeccompHooks(t *testing.T) {
	b := filtered(t, rule(oci.ActErrno, 99, "getpgid"), "cat", "/tmp/hook")
	b.Spec.Root.Readonly = false
	b.Spec.Hooks = &oci.Hooks{StartContainer: []oci.Hook{{Path: "/bin/sh", Args: []string{"sh", "-c", "/bin/call " + getpgid + " > /tmp/hook"}}}}
	if got := b.Output(); got != "-99\n" {
		t.Errorf("%q", got)
	}
}
