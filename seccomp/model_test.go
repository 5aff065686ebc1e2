package seccomp

import (
	"math/rand/v2"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// decide is what a profile says of a call, read off it rule by rule, without
// anything that Compile is made of but the tables.
func decide(p *oci.LinuxSeccomp, goarch string, d *Data) uint32 {
	m, _ := machineOf(goarch)
	a, ok := abiOf(p, m, d)
	def, _ := returnOf(p.DefaultAction, p.DefaultErrnoRet)
	if !ok {
		return RetKillThread
	}
	if a == nil {
		return def
	}
	if newer(p, a, d.Nr) && !Permits(def) && Action(def) != RetTrace {
		return RetErrno | enosys
	}
	conditional, found := uint32(0), false
	for i := range p.Syscalls {
		e := &p.Syscalls[i]
		ret, _ := returnOf(e.Action, e.ErrnoRet)
		if ret == def {
			continue
		}
		for _, name := range e.Names {
			switch match(e, name, a, d, Stricter(ret, def)) {
			case always:
				return ret
			case holds:
				if !found {
					conditional, found = ret, true
				}
			}
		}
	}
	if found {
		return conditional
	}
	return def
}

func abiOf(p *oci.LinuxSeccomp, m *Machine, d *Data) (*abi, bool) {
	i := 0
	switch {
	case d.Arch == m.compat:
		i = m.second
	case d.Arch != m.native:
		return nil, false
	case m.native == AuditX86_64 && d.Nr == ^uint32(0):
		return nil, true
	case m.native == AuditX86_64 && d.Nr >= x32Bit:
		i = 1
	}
	return &m.abis[i], m.included(i, p.Architectures)
}

func newer(p *oci.LinuxSeccomp, a *abi, nr uint32) bool {
	highest, any := uint32(0), false
	var table names
	for _, e := range p.Syscalls {
		for _, name := range e.Names {
			if i := table.index(name); i >= 0 && a.numbers[i] < 512 {
				highest, any = max(highest, uint32(a.numbers[i])), true
			}
			if s, ok := subcallOf(name); ok && a.muxed {
				highest, any = max(highest, uint32(s.call)), true
			}
		}
	}
	n := nr - a.base
	own := a.base == x32Bit && n >= 512 && n <= 547 || a.numbers == &numbersARM && n > armBase && n < armBase+armCalls
	return any && n > highest && !own
}

type matched int

const (
	never matched = iota
	holds
	always
)

func match(e *oci.LinuxSyscall, name string, a *abi, d *Data, stricter bool) matched {
	var table names
	i := table.index(name)
	if i < 0 || a.numbers[i] == absent {
		return never
	}
	if a.numbers[i] < multiplexed && a.numberOf(a.numbers[i]) == d.Nr {
		switch {
		case len(e.Args) == 0:
			return always
		case argumentsHold(e.Args, a, d):
			return holds
		}
	}
	if s, ok := subcallOf(name); ok && a.muxed && uint32(s.call) == d.Nr && (len(e.Args) == 0 || stricter) {
		number := uint32(d.Args[0])
		if s.call == ipc {
			number &= 0xffff
		}
		if number == uint32(s.n) {
			return holds
		}
	}
	return never
}

func argumentsHold(args []oci.LinuxSeccompArg, a *abi, d *Data) bool {
	count := map[uint]int{}
	all, one, twice := true, false, false
	for _, arg := range args {
		count[arg.Index]++
		twice = twice || count[arg.Index] > 1
		h := argumentHolds(arg, a.wide, d.Args[arg.Index])
		all, one = all && h, one || h
	}
	if twice {
		return one
	}
	return all
}

func argumentHolds(a oci.LinuxSeccompArg, wide bool, v uint64) bool {
	x, y := a.Value, a.ValueTwo
	if !wide {
		x, y, v = x&0xffffffff, y&0xffffffff, v&0xffffffff
	}
	switch a.Op {
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

// randomProfile is a profile of up to a few dozen rules over few calls, so that
// they meet.
func randomProfile(r *rand.Rand, goarch string) *oci.LinuxSeccomp {
	p := &oci.LinuxSeccomp{}
	p.DefaultAction, p.DefaultErrnoRet = randomAction(r, false)
	p.Architectures = nil
	for _, a := range Architectures(goarch) {
		if r.IntN(3) > 0 {
			p.Architectures = append(p.Architectures, a)
		}
	}
	pool := make([]string, 1+r.IntN(60))
	for i := range pool {
		pool[i] = callName(r.IntN(callCount))
		if r.IntN(4) == 0 {
			pool[i] = subcalls[r.IntN(len(subcalls))].name
		}
	}
	for range r.IntN(30) {
		e := oci.LinuxSyscall{}
		e.Action, e.ErrnoRet = randomAction(r, true)
		for range 1 + r.IntN(8) {
			e.Names = append(e.Names, pool[r.IntN(len(pool))])
		}
		if r.IntN(2) == 0 {
			for range 1 + r.IntN(3) {
				e.Args = append(e.Args, randomArg(r))
			}
		}
		p.Syscalls = append(p.Syscalls, e)
	}
	return p
}

func randomAction(r *rand.Rand, notify bool) (oci.LinuxSeccompAction, *uint) {
	for {
		a := actions[r.IntN(len(actions))].name
		if a == oci.ActNotify && !notify {
			continue
		}
		if (a == oci.ActErrno || a == oci.ActTrace) && r.IntN(2) == 0 {
			errno := uint(r.IntN(100))
			return a, &errno
		}
		return a, nil
	}
}

func randomArg(r *rand.Rand) oci.LinuxSeccompArg {
	return oci.LinuxSeccompArg{Index: uint(r.IntN(6)), Op: operators[r.IntN(len(operators))].name,
		Value: randomValue(r), ValueTwo: randomValue(r)}
}

func randomValue(r *rand.Rand) uint64 {
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

// randomData is a call that the profile has something to say about, at the
// borders of what it says.
func randomData(r *rand.Rand, p *oci.LinuxSeccomp, goarch string) Data {
	m, _ := machineOf(goarch)
	d := Data{Arch: m.native, Nr: uint32(r.IntN(600))}
	a := &m.abis[r.IntN(3)]
	if a.numbers == nil {
		a = &m.abis[0]
	}
	if a == &m.abis[m.second] {
		d.Arch = m.compat
	}
	d.Nr += a.base
	switch r.IntN(12) {
	case 0:
		d.Nr = r.Uint32()
	case 1:
		d.Nr = armBase + uint32(r.IntN(20))
	case 2:
		d.Nr = ^uint32(0)
	case 3:
		d.Arch = r.Uint32()
	}
	for i := range d.Args {
		d.Args[i] = randomValue(r)
	}
	if len(p.Syscalls) == 0 || r.IntN(3) == 0 {
		return d
	}
	e := &p.Syscalls[r.IntN(len(p.Syscalls))]
	var table names
	if i := table.index(e.Names[r.IntN(len(e.Names))]); i >= 0 && a.numbers[i] < multiplexed {
		d.Nr = a.numberOf(a.numbers[i])
	}
	if a.muxed && r.IntN(4) == 0 {
		s := subcalls[r.IntN(len(subcalls))]
		d.Nr, d.Args[0] = uint32(s.call), uint64(s.n)|uint64(r.IntN(2))<<16
	}
	for _, arg := range e.Args {
		v := arg.Value
		if arg.Op == oci.OpMaskedEqual {
			v = arg.ValueTwo&arg.Value | randomValue(r)&^arg.Value
		}
		if r.IntN(3) == 0 {
			v += uint64(r.IntN(3)) - 1
		}
		d.Args[arg.Index] = v
	}
	return d
}
