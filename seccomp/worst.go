package seccomp

// Worst is the strictest that a filter may return for a call of which only
// the arguments in known (bit i: argument i) are known.
func Worst(code []Instruction, d *Data, known uint8) (uint32, error) {
	w := worst{code: code, data: d, known: known, seen: make([]bool, len(code)), ret: RetAllow}
	if !w.from(0, 0, true) {
		return 0, errProgram
	}
	return w.ret, nil
}

// worst walks over every path that unknown arguments leave open.
type worst struct {
	code  []Instruction
	data  *Data
	known uint8
	seen  []bool // places that were reached with an unknown word, and need not be again
	ret   uint32
}

// from goes on at pc with the accumulator's value, which may be unknown.
func (w *worst) from(pc int, a uint32, sure bool) bool {
	for ; pc < len(w.code); pc++ {
		i := w.code[pc]
		switch i.Code {
		case opLoad:
			var ok bool
			if a, ok = w.data.word(i.K); !ok {
				return false
			}
			sure = i.K < offsetArgs || w.known&(1<<((i.K-offsetArgs)/8)) != 0
		case opAnd:
			a &= i.K
		case opReturn:
			if Stricter(i.K, w.ret) {
				w.ret = i.K
			}
			return true
		case opJump:
			pc += int(i.K)
		default:
			yes, ok := i.test(a)
			if !ok {
				return false
			}
			if !sure {
				return w.both(pc, i, a)
			}
			pc += i.skip(yes)
		}
	}
	return false
}

func (w *worst) both(pc int, i Instruction, a uint32) bool {
	if w.seen[pc] {
		return true
	}
	w.seen[pc] = true
	return w.from(pc+1+i.skip(true), a, false) && w.from(pc+1+i.skip(false), a, false)
}
