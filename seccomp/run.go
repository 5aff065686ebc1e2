package seccomp

import "errors"

// Data is struct seccomp_data: the call that a filter decides on.
type Data struct {
	Nr   uint32
	Arch uint32
	IP   uint64
	Args [6]uint64
}

func (d *Data) word(offset uint32) (uint32, bool) {
	var v uint64
	switch {
	case offset == offsetNr:
		return d.Nr, true
	case offset == offsetArch:
		return d.Arch, true
	case offset == offsetIP || offset == offsetIP+4:
		v = d.IP
	case offset >= offsetArgs && offset < offsetArgs+8*6 && offset%4 == 0:
		v = d.Args[(offset-offsetArgs)/8]
	default:
		return 0, false
	}
	if offset&^7 == offset == (lower.at(0) == offsetArgs) {
		return uint32(v), true
	}
	return uint32(v >> 32), true
}

var errProgram = errors.New("keg's own fault, please report it: not a BPF program that a filter may be")

// Run executes a filter as the kernel does, and says how many instructions
// that took.
func Run(code []Instruction, d *Data) (ret uint32, executed int, err error) {
	var a uint32
	for pc := 0; pc >= 0 && pc < len(code); pc++ {
		i := code[pc]
		executed++
		switch i.Code {
		case opLoad:
			var ok bool
			if a, ok = d.word(i.K); !ok {
				return 0, executed, errProgram
			}
		case opAnd:
			a &= i.K
		case opReturn:
			return i.K, executed, nil
		case opJump:
			pc += int(i.K)
		default:
			yes, ok := i.test(a)
			if !ok {
				return 0, executed, errProgram
			}
			pc += i.skip(yes)
		}
	}
	return 0, executed, errProgram
}

func (i Instruction) test(a uint32) (yes, ok bool) {
	switch i.Code {
	case opJumpEQ:
		return a == i.K, true
	case opJumpGT:
		return a > i.K, true
	case opJumpGE:
		return a >= i.K, true
	case opJumpSET:
		return a&i.K != 0, true
	}
	return false, false
}

func (i Instruction) skip(yes bool) int {
	if yes {
		return int(i.Jt)
	}
	return int(i.Jf)
}
