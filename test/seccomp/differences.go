package seccomp

import (
	"slices"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/seccomp"
)

// What keg decides otherwise than libseccomp, and why.

const (
	socketcall = 102
	ipc        = 117
)

// differs reports a call on 386 that goes through socketcall or ipc and that
// libseccomp decides on by what is not there:
//   - a rule with conditions, for a call whose arguments lie in memory: libseccomp
//     compares them with socketcall's own, which are others. keg has what is
//     stricter than the default hold always, and what is more lenient never.
//   - a version in the upper half of ipc's first argument: the kernel takes it
//     off, libseccomp does not, and a rule can be walked around.
func (m *machine) differs(p *oci.LinuxSeccomp, d *seccomp.Data) bool {
	if d.Arch != seccomp.AuditI386 || d.Nr != socketcall && d.Nr != ipc {
		return false
	}
	if d.Nr == ipc && d.Args[0]>>16 != 0 {
		return true
	}
	return slices.ContainsFunc(p.Syscalls, func(e oci.LinuxSyscall) bool {
		return len(e.Args) > 0 && slices.ContainsFunc(e.Names, func(name string) bool { return isMultiplexed(name) })
	})
}

// libseccomp's numbers of calls that it also rewrites are -101 to -120 and
// -201 to -224.
func isMultiplexed(name string) bool {
	n := Number(oci.ArchX86, name)
	return n <= -100 && n > -225
}

// newest is the highest number, plus one, that the profile names on each
// architecture: runc answers ENOSYS above it, where the default refuses. keg
// leaves out what x32 and arm have of their own: those tables are old and
// closed, and say nothing of how new a call the profile's author knew.
func (m *machine) newest(p *oci.LinuxSeccomp) map[oci.Arch]uint32 {
	table := map[oci.Arch]uint32{}
	for _, a := range m.archs {
		for _, e := range p.Syscalls {
			for _, name := range e.Names {
				n := Number(a, name)
				switch {
				case a == oci.ArchX86 && n <= -200 && n > -225:
					n = max(ipc, direct(name))
				case a == oci.ArchX86 && n <= -100 && n > -200:
					n = max(socketcall, direct(name))
				}
				if n >= 0 && n&^(1<<30) < 512 {
					table[a] = max(table[a], uint32(n&^(1<<30))+1)
				}
			}
		}
	}
	return table
}

// direct is the number that a call of 386 has beside socketcall or ipc.
func direct(name string) int {
	return int(seccomp.Numbers("amd64", oci.ArchX86)[name])
}

func (m *machine) isNewer(p *oci.LinuxSeccomp, newest map[oci.Arch]uint32, d *seccomp.Data) bool {
	switch p.DefaultAction {
	case oci.ActAllow, oci.ActLog, oci.ActTrace:
		return false
	}
	a, n := m.archOf(d)
	if n == ^uint32(0) && m.goarch == "amd64" && a != oci.ArchX86 {
		return false // no call: a tracer has cancelled one
	}
	if a != m.archs[0] && !slices.Contains(p.Architectures, a) || newest[a] == 0 {
		return false
	}
	switch {
	case a == oci.ArchX32:
		n &^= 1 << 30
		return n >= newest[a] && (n < 512 || n > 547)
	case a == oci.ArchARM:
		return n >= newest[a] && (n <= 0x0f0000 || n >= 0x0f0010)
	}
	return n >= newest[a]
}

func (m *machine) archOf(d *seccomp.Data) (oci.Arch, uint32) {
	for i := len(m.archs) - 1; i >= 0; i-- {
		if m.audit[i] == d.Arch && (m.archs[i] != oci.ArchX32 || d.Nr >= 1<<30) {
			return m.archs[i], d.Nr
		}
	}
	return "", d.Nr
}

// holds counts the conjunctions that a profile has for a call, and returns the
// action of one that holds. libseccomp merges those of a call into a tree whose
// branches share comparisons, and one that fails half-way does not always go
// back to the others: a0 == 500 && a2 > 7, or a1 < 5, can come out as no for
// a1 = 1. (Without SCMP_FLTATR_CTL_OPTIMIZE=2 version 2.5.4 has further
// mistakes, in comparisons of 64 bits.)
func (m *machine) holds(p *oci.LinuxSeccomp, d *seccomp.Data) (count int, ret uint32, found bool) {
	a, _ := m.archOf(d)
	for _, e := range p.Syscalls {
		if len(e.Args) == 0 || !slices.ContainsFunc(e.Names, func(name string) bool { return Number(a, name) == int(d.Nr) }) {
			continue
		}
		any, all, twice := hold(e.Args, a == m.archs[0], d)
		count++
		if twice {
			count++
		}
		if all || twice && any {
			ret, found = uint32(action(e.Action, e.ErrnoRet)), true
		}
	}
	return count, ret, found
}

func hold(args []oci.LinuxSeccompArg, wide bool, d *seccomp.Data) (any, all, twice bool) {
	all = true
	seen := map[uint]bool{}
	for _, a := range args {
		twice = twice || seen[a.Index]
		seen[a.Index] = true
		v, x, y := d.Args[a.Index], a.Value, a.ValueTwo
		if !wide {
			v, x, y = v&0xffffffff, x&0xffffffff, y&0xffffffff
		}
		h := compare(a.Op, v, x, y)
		any, all = any || h, all && h
	}
	return any, all, twice
}

func compare(op oci.LinuxSeccompOperator, v, x, y uint64) bool {
	switch op {
	case oci.OpEqualTo:
		return v == x
	case oci.OpNotEqual:
		return v != x
	case oci.OpLessThan:
		return v < x
	case oci.OpLessEqual:
		return v <= x
	case oci.OpGreaterThan:
		return v > x
	case oci.OpGreaterEqual:
		return v >= x
	}
	return v&x == y&x
}
