package seccomp

import "encoding/binary"

// Instruction is struct sock_filter. linux/filter.h
type Instruction struct {
	Code   uint16
	Jt, Jf uint8
	K      uint32
}

// The instructions of classic BPF that filters are made of.
const (
	opLoad     = 0x20 // BPF_LD|BPF_W|BPF_ABS
	opAnd      = 0x54 // BPF_ALU|BPF_AND|BPF_K
	opJump     = 0x05 // BPF_JMP|BPF_JA
	opJumpEQ   = 0x15 // BPF_JMP|BPF_JEQ|BPF_K
	opJumpGT   = 0x25
	opJumpGE   = 0x35
	opJumpSET  = 0x45
	opReturn   = 0x06 // BPF_RET|BPF_K
	farthest   = 255
	offsetNr   = 0
	offsetArch = 4
	offsetIP   = 8
	offsetArgs = 16
)

// Bytes is the filter as the kernel reads it.
func (f *Filter) Bytes() []byte {
	p := make([]byte, 0, 8*len(f.Code))
	for _, i := range f.Code {
		p = binary.NativeEndian.AppendUint16(p, i.Code)
		p = append(p, i.Jt, i.Jf)
		p = binary.NativeEndian.AppendUint32(p, i.K)
	}
	return p
}

// assembler writes a program from its end to its start: jumps only lead
// forwards, so their targets are there already.
type assembler struct {
	code    []Instruction // reversed
	returns []place       // the latest instruction that returns each value
}

type place struct {
	ret uint32
	at  label
}

// label is an instruction's distance from the program's end.
type label int

func (a *assembler) add(i Instruction) label {
	a.code = append(a.code, i)
	return label(len(a.code) - 1)
}

// distance is how many instructions are skipped by a jump to l from the one
// that is added next.
func (a *assembler) distance(l label) int { return len(a.code) - 1 - int(l) }

// ret is a place that returns the value, near enough for a few more
// instructions to jump to.
func (a *assembler) ret(value uint32) label {
	const near = farthest - 8
	for i := range a.returns {
		p := &a.returns[i]
		if p.ret != value {
			continue
		}
		if a.distance(p.at) > near {
			p.at = a.add(Instruction{Code: opReturn, K: value})
		}
		return p.at
	}
	at := a.add(Instruction{Code: opReturn, K: value})
	a.returns = append(a.returns, place{value, at})
	return at
}

// load reads a word of seccomp_data and goes on at next.
func (a *assembler) load(offset uint32, next label) label {
	a.follow(next)
	return a.add(Instruction{Code: opLoad, K: offset})
}

// and masks the word that was read and goes on at next.
func (a *assembler) and(mask uint32, next label) label {
	a.follow(next)
	return a.add(Instruction{Code: opAnd, K: mask})
}

// follow makes sure that next is what comes next.
func (a *assembler) follow(next label) {
	if d := a.distance(next); d > 0 {
		a.add(Instruction{Code: opJump, K: uint32(d)})
	}
}

// branch goes on at yes or no. A conditional jump reaches 255 instructions;
// where one of the two is farther away, a longer jump stands in between.
func (a *assembler) branch(op uint16, k uint32, yes, no label) label {
	if yes == no {
		return yes
	}
	yes = a.within(yes, farthest-1)
	no = a.within(no, farthest) // may stand between
	return a.add(Instruction{Code: op, Jt: uint8(a.distance(yes)), Jf: uint8(a.distance(no)), K: k})
}

// within returns l, or a jump to it where it is farther than limit.
func (a *assembler) within(l label, limit int) label {
	d := a.distance(l)
	if d <= limit {
		return l
	}
	if i := a.code[l]; i.Code == opReturn {
		return a.ret(i.K)
	}
	return a.add(Instruction{Code: opJump, K: uint32(d)})
}

// program is what was written, from its start.
func (a *assembler) program() []Instruction {
	n := len(a.code)
	p := make([]Instruction, n)
	for i, ins := range a.code {
		p[n-1-i] = ins
	}
	return p
}
