package seccomp

import (
	"math/rand/v2"

	oci "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/keg-project/keg/seccomp"
)

// machine is what profiles are made for.
type machine struct {
	goarch string
	archs  []oci.Arch // its own first
	audit  []uint32   // of each
	names  []string   // calls that libseccomp knows as well
}

var (
	actionNames = []oci.LinuxSeccompAction{oci.ActKill, oci.ActKillProcess, oci.ActTrap, oci.ActErrno, oci.ActTrace,
		oci.ActAllow, oci.ActLog, oci.ActNotify}
	operatorNames = []oci.LinuxSeccompOperator{oci.OpNotEqual, oci.OpLessThan, oci.OpLessEqual, oci.OpEqualTo,
		oci.OpGreaterEqual, oci.OpGreaterThan, oci.OpMaskedEqual}
)

func amd64() *machine {
	return newMachine("amd64", []oci.Arch{oci.ArchX86_64, oci.ArchX32, oci.ArchX86},
		[]uint32{seccomp.AuditX86_64, seccomp.AuditX86_64, seccomp.AuditI386})
}

func arm64() *machine {
	return newMachine("arm64", []oci.Arch{oci.ArchAARCH64, oci.ArchARM}, []uint32{seccomp.AuditAArch64, seccomp.AuditARM})
}

func newMachine(goarch string, archs []oci.Arch, audit []uint32) *machine {
	m := &machine{goarch: goarch, archs: archs, audit: audit}
	for _, name := range seccomp.Names() {
		if name == "sync_file_range2" || name == "uretprobe" {
			continue // libseccomp lacks them where the kernel has them
		}
		for _, a := range archs {
			if Number(a, name) >= 0 {
				m.names = append(m.names, name)
				break
			}
		}
	}
	return m
}

// random is a profile whose rules meet without contradicting one another: all
// that have conditions for a call have one action.
func (m *machine) random(r *rand.Rand) *oci.LinuxSeccomp {
	p := &oci.LinuxSeccomp{Architectures: []oci.Arch{m.archs[0]}}
	p.DefaultAction, p.DefaultErrnoRet = m.action(r)
	for p.DefaultAction == oci.ActNotify {
		p.DefaultAction, p.DefaultErrnoRet = m.action(r)
	}
	for _, a := range m.archs[1:] {
		if r.IntN(2) == 0 {
			p.Architectures = append(p.Architectures, a)
		}
	}
	size := 1 + r.IntN(40)
	if r.IntN(8) == 0 {
		size = 300
	}
	pool := make([]string, size)
	for i := range pool {
		pool[i] = m.names[r.IntN(len(m.names))]
	}
	owner := map[string]*rules{} // that name a call with conditions
	for i := range r.IntN(12) {
		e := oci.LinuxSyscall{}
		e.Action, e.ErrnoRet = m.action(r)
		if r.IntN(2) == 0 {
			for range 1 + r.IntN(size) {
				e.Names = append(e.Names, pool[r.IntN(size)])
			}
			p.Syscalls = append(p.Syscalls, e)
			continue
		}
		m.conditional(r, p, e, pool, owner, i)
	}
	return p
}

// rules are the entries with conditions for one call. With many of them
// libseccomp 2.5.4 does not come to an end.
type rules struct{ id, count int }

const mostRules = 2

// conditional adds a few entries with one action, for calls that no other
// action has conditions for.
func (m *machine) conditional(r *rand.Rand, p *oci.LinuxSeccomp, e oci.LinuxSyscall, pool []string, owner map[string]*rules, id int) {
	for range 1 + r.IntN(4) {
		e.Names, e.Args = nil, nil
		for range 1 + r.IntN(5) {
			name := pool[r.IntN(len(pool))]
			o := owner[name]
			if o == nil {
				o = &rules{id: id}
				owner[name] = o
			}
			if o.id != id || o.count == mostRules {
				continue
			}
			o.count++
			e.Names = append(e.Names, name)
		}
		for range 1 + r.IntN(3) {
			e.Args = append(e.Args, condition(r))
		}
		if len(e.Names) > 0 {
			p.Syscalls = append(p.Syscalls, e)
		}
	}
}

func condition(r *rand.Rand) oci.LinuxSeccompArg {
	a := oci.LinuxSeccompArg{Index: uint(r.IntN(6)), Op: operatorNames[r.IntN(len(operatorNames))],
		Value: value(r), ValueTwo: value(r)}
	if a.Op == oci.OpMaskedEqual && uint32(a.Value) == 0 {
		a.Value |= 1 << r.IntN(32) // libseccomp takes what holds always for no condition at all
	}
	return a
}

func (m *machine) action(r *rand.Rand) (oci.LinuxSeccompAction, *uint) {
	a := actionNames[r.IntN(len(actionNames))]
	if (a == oci.ActErrno || a == oci.ActTrace) && r.IntN(2) == 0 {
		errno := uint(1 + r.IntN(100))
		return a, &errno
	}
	return a, nil
}

func value(r *rand.Rand) uint64 {
	switch r.IntN(6) {
	case 0:
		return 0
	case 1:
		return uint64(r.IntN(16))
	case 2:
		return ^uint64(0) >> r.IntN(64)
	case 3:
		return 1 << r.IntN(64)
	case 4:
		return uint64(r.Uint32())
	}
	return r.Uint64()
}

// call is a call at the borders of what the profile says.
func (m *machine) call(r *rand.Rand, p *oci.LinuxSeccomp) seccomp.Data {
	i := r.IntN(len(m.archs))
	d := seccomp.Data{Arch: m.audit[i], Nr: uint32(r.IntN(480)), IP: r.Uint64()}
	if m.archs[i] == oci.ArchX32 {
		d.Nr |= 1 << 30
	}
	switch r.IntN(16) {
	case 0:
		d.Nr = r.Uint32()
	case 1:
		d.Arch = r.Uint32()
	case 2:
		d.Nr = ^uint32(0)
	}
	for k := range d.Args {
		d.Args[k] = value(r)
	}
	if len(p.Syscalls) == 0 || r.IntN(4) == 0 {
		return d
	}
	e := &p.Syscalls[r.IntN(len(p.Syscalls))]
	if n := Number(m.archs[i], e.Names[r.IntN(len(e.Names))]); n >= 0 {
		d.Nr = uint32(n)
	}
	for _, a := range e.Args {
		v := a.Value
		if a.Op == oci.OpMaskedEqual {
			v = a.ValueTwo&a.Value | value(r)&^a.Value
		}
		if r.IntN(3) == 0 {
			v += uint64(r.IntN(3)) - 1
		}
		d.Args[a.Index] = v
	}
	return d
}
