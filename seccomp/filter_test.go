package seccomp

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func compile(t testing.TB, p *oci.LinuxSeccomp) *Filter {
	t.Helper()
	f, err := Compile(p, Options{Arch: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func returned(t testing.TB, f *Filter, d Data) uint32 {
	t.Helper()
	if d.Arch == 0 {
		d.Arch = AuditX86_64
	}
	ret, _, err := Run(f.Code, &d)
	if err != nil {
		t.Fatal(err)
	}
	return ret
}

func TestNamesAreSorted(t *testing.T) {
	list := Names()
	if !slices.IsSorted(list) || len(list) < 500 {
		t.Fatalf("%d names, sorted: %v", len(list), slices.IsSorted(list))
	}
	r := rand.New(rand.NewPCG(1, 1))
	var n names
	for range 20000 { // in any order, the last one looked up is no hindrance
		i := r.IntN(len(list))
		if got := n.index(list[i]); got != i {
			t.Fatalf("%s: %d, want %d", list[i], got, i)
		}
		if got := n.index(list[i] + "?"); got != -1 {
			t.Fatalf("%s?: %d", list[i], got)
		}
	}
	if n.index("") != -1 || n.index("~") != -1 || n.index("write") < 0 || n.index("writ") != -1 {
		t.Error("unknown names")
	}
}

// Docker's profile decides as its author meant.
func TestDocker(t *testing.T) {
	f := compile(t, profileOf(t, "docker"))
	const x86 = AuditI386
	for _, tt := range []struct {
		d    Data
		want uint32
	}{
		{Data{Nr: 0}, RetAllow},                                              // read
		{Data{Nr: 165}, RetErrno | 1},                                        // mount
		{Data{Nr: 435}, RetErrno | 38},                                       // clone3
		{Data{Nr: 56, Args: [6]uint64{0x10000000}}, RetErrno | 1},            // clone, CLONE_NEWUSER
		{Data{Nr: 56, Args: [6]uint64{0x11}}, RetAllow},                      // clone
		{Data{Nr: 135, Args: [6]uint64{0xffffffff}}, RetAllow},               // personality
		{Data{Nr: 135, Args: [6]uint64{1<<32 | 8}}, RetErrno | 1},            // not its 8
		{Data{Nr: 135, Args: [6]uint64{1<<32 | 8}, Arch: x86}, RetErrno | 1}, // lookup_dcookie's neighbour
		{Data{Nr: 136, Args: [6]uint64{1<<32 | 8}, Arch: x86}, RetAllow},     // personality: 32 bits count
		{Data{Nr: 500}, RetErrno | 38},                                       // newer than the profile
		{Data{Nr: x32Bit}, RetAllow}, {Data{Nr: x32Bit | 520}, RetAllow},     // x32: read, execve
		{Data{Nr: 59 | x32Bit}, RetErrno | 1},                                              // not x32's execve
		{Data{Nr: 0, Arch: AuditARM}, RetKillThread}, {Data{Nr: ^uint32(0)}, RetErrno | 1}, // no such machine, no call
		{Data{Nr: x32Bit | 548}, RetErrno | 38}, {Data{Nr: 11, Arch: x86}, RetAllow}, // execve of 386
		{Data{Nr: 102, Arch: x86, Args: [6]uint64{1}}, RetAllow}, {Data{Nr: 1000}, RetErrno | 38}, // socketcall
	} {
		if got := returned(t, f, tt.d); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.d, Describe(got), Describe(tt.want))
		}
	}
}

// The strictest outcome of a call whose arguments are not known is that of
// some arguments, and none is stricter.
func TestWorst(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	reached := 0
	for range 300 {
		p := randomProfile(r, "amd64")
		f := compile(t, p)
		for range 20 {
			d := randomData(r, p, "amd64")
			worst, err := Worst(f.Code, &d, 0)
			if err != nil {
				t.Fatal(err)
			}
			got := returned(t, f, d)
			if Stricter(got, worst) {
				t.Fatalf("%s is stricter than %s", Describe(got), Describe(worst))
			}
			if Action(got) == Action(worst) {
				reached++
			}
			if all, err := Worst(f.Code, &d, 0x3f); err != nil || Action(all) != Action(got) && Stricter(got, RetAllow) {
				t.Fatalf("known: %s, %s, %v", Describe(all), Describe(got), err)
			}
		}
	}
	if reached < 1000 {
		t.Errorf("reached %d times", reached)
	}
	f := compile(t, &oci.LinuxSeccomp{DefaultAction: oci.ActAllow, Syscalls: []oci.LinuxSyscall{{Names: []string{"read"}, Action: oci.ActKillProcess,
		Args: []oci.LinuxSeccompArg{{Index: 1, Op: oci.OpEqualTo, Value: 7}}}}})
	for known, want := range map[uint8]uint32{0: RetKillProcess, 2: RetAllow, 1: RetKillProcess} {
		if got, err := Worst(f.Code, &Data{Arch: AuditX86_64}, known); err != nil || got != want {
			t.Errorf("known %b: %s, %v", known, Describe(got), err)
		}
	}
}

// Far jumps: hundreds of conditions between the search and what it leads to.
func TestLongFilter(t *testing.T) {
	p := &oci.LinuxSeccomp{DefaultAction: oci.ActErrno, Architectures: Architectures("amd64")}
	for i, name := range Names() {
		if i%3 == 0 {
			p.Syscalls = append(p.Syscalls, oci.LinuxSyscall{Names: []string{name}, Action: oci.ActAllow,
				Args: []oci.LinuxSeccompArg{{Index: uint(i % 6), Op: oci.OpGreaterThan, Value: uint64(i)}}})
		}
	}
	f := compile(t, p)
	if len(f.Code) < 1500 {
		t.Fatalf("only %d instructions", len(f.Code))
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 1500 {
		d := randomData(r, p, "amd64")
		if got, want := returned(t, f, d), decide(p, "amd64", &d); got != want {
			t.Fatalf("%+v: %s, want %s", d, Describe(got), Describe(want))
		}
	}
}

func TestRefusedProfiles(t *testing.T) {
	rule := func(names ...string) oci.LinuxSyscall { return oci.LinuxSyscall{Names: names, Action: oci.ActAllow} }
	bad := rule("read")
	bad.Action = "SCMP_ACT_SHRUG"
	arg, op := rule("read"), rule("read")
	arg.Args = []oci.LinuxSeccompArg{{Index: 1, Op: oci.OpEqualTo}, {Index: 6, Op: oci.OpEqualTo}}
	op.Args = []oci.LinuxSeccompArg{{Op: "SCMP_CMP_ODD"}}
	var many []oci.LinuxSyscall
	for i := range 2000 {
		many = append(many, oci.LinuxSyscall{Names: []string{"read"}, Action: oci.ActAllow,
			Args: []oci.LinuxSeccompArg{{Op: oci.OpEqualTo, Value: uint64(i)}}})
	}
	for _, tt := range []struct {
		rules   []oci.LinuxSyscall
		options Options
		want    string
	}{
		{[]oci.LinuxSyscall{rule("read"), bad}, Options{Arch: "amd64"}, `linux.seccomp.syscalls[1].action: unknown action "SCMP_ACT_SHRUG"`},
		{[]oci.LinuxSyscall{arg}, Options{Arch: "amd64"}, "linux.seccomp.syscalls[0].args[1].index: a system call has arguments 0 to 5, found 6"},
		{[]oci.LinuxSyscall{op}, Options{Arch: "amd64"}, `linux.seccomp.syscalls[0].args[0].op: unknown operator "SCMP_CMP_ODD"`},
		{[]oci.LinuxSyscall{rule("read", "raed"), rule("opne")}, Options{Arch: "amd64", FailUnknown: true},
			"linux.seccomp.syscalls[0].names[1]: unknown system call \"raed\"\nlinux.seccomp.syscalls[1].names[0]: unknown system call \"opne\""},
		{many, Options{Arch: "amd64"}, "4096"},
		{nil, Options{Arch: "riscv64"}, "riscv64"},
	} {
		_, err := Compile(&oci.LinuxSeccomp{DefaultAction: oci.ActErrno, Syscalls: tt.rules}, tt.options)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	f := compile(t, &oci.LinuxSeccomp{DefaultAction: oci.ActErrno, Syscalls: []oci.LinuxSyscall{rule("read", "raed")}})
	if want := `linux.seccomp.syscalls[0].names[1]: "raed"`; len(f.Unknown) != 1 || f.Unknown[0] != want {
		t.Errorf("%q", f.Unknown)
	}
}

// What is no filter is an error, not a crash.
func TestRunRefuses(t *testing.T) {
	for _, code := range [][]Instruction{
		nil, {{Code: opLoad, K: 3}}, {{Code: opLoad, K: 64}}, {{Code: 0x99}}, {{Code: opJump, K: 1 << 31}}, {{Code: opJumpEQ, Jt: 7}}, {{Code: opLoad}},
	} {
		if _, _, err := Run(code, &Data{}); err == nil {
			t.Errorf("%v ran", code)
		}
		if _, err := Worst(code, &Data{}, 0); err == nil {
			t.Errorf("%v ran", code)
		}
	}
}
