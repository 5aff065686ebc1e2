package devices

import (
	"fmt"
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

// run interprets a program. Like the kernel's verifier it refuses what jumps
// backwards or out of the program, what is never reached (by seen), and
// registers that were not set.
func run(code []uint64, seen []bool, q request) (int64, error) {
	kinds := map[byte]uint32{'b': 1, 'c': 2}
	context := map[int16]uint32{0: uint32(q.access)<<16 | kinds[q.kind], 4: uint32(q.major), 8: uint32(q.minor)}
	registers := map[uint64]int64{}
	for pc := 0; pc < len(code); pc++ {
		seen[pc] = true
		i := code[pc]
		op, to, from, offset, constant := i&0xff, i>>8&0xf, i>>12&0xf, int16(i>>16), int64(int32(i>>32))
		value, set := registers[to]
		switch op {
		case opLoad:
			if from != 1 {
				return 0, fmt.Errorf("%d: reads what is not the context", pc)
			}
			registers[to] = int64(context[offset])
			continue
		case opMove:
			registers[to] = constant
			continue
		case opCopy:
			if value, set = registers[from]; set {
				registers[to] = value
			}
		case opAnd:
			registers[to] = value & constant
		case opShift:
			registers[to] = int64(uint64(value) >> constant)
		case opExit:
			value, set = registers[0]
			if set {
				return value, nil
			}
		case opJump, opEqual, opUnlike:
			set = set || op == opJump
			if offset < 0 {
				return 0, fmt.Errorf("%d: jumps backwards", pc)
			}
			if op == opJump || (value == constant) == (op == opEqual) {
				pc += int(offset)
			}
		default:
			return 0, fmt.Errorf("%d: unknown instruction %#x", pc, i)
		}
		if !set {
			return 0, fmt.Errorf("%d: a register that is not set", pc)
		}
	}
	return 0, fmt.Errorf("no end")
}

func checkProgram(list []oci.LinuxDeviceCgroup) string {
	s := Compile(list)
	code, err := s.Program()
	if err != nil {
		return err.Error()
	}
	seen := make([]bool, len(code))
	for q := range requests {
		got, err := run(code, seen, q)
		if err != nil || (got == 1) != want(list, q) {
			return fmt.Sprintf("%c %d:%d %v: %d, %v, want %v\n%q", q.kind, q.major, q.minor, q.access, got, err, want(list, q), s.Lines())
		}
	}
	for pc, s := range seen {
		if !s {
			return fmt.Sprintf("instruction %d of %d has no use", pc, len(code))
		}
	}
	return ""
}

func TestProgram(t *testing.T) {
	randomLists(t, 3000, checkProgram)
}

func FuzzProgram(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var list []oci.LinuxDeviceCgroup
		for len(data) > 0 && len(list) < 40 {
			list = append(list, pick(func(n int) int {
				if len(data) == 0 {
					return 0
				}
				b := data[0]
				data = data[1:]
				return int(b) % n
			}))
		}
		if msg := checkProgram(list); msg != "" {
			t.Fatalf("%s%s", text(list), msg)
		}
		if msg := checkV1(list, 0); msg != "" {
			t.Fatalf("%s%s", text(list), msg)
		}
	})
}
