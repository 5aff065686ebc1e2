package seccomp

import (
	"fmt"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

type operator uint8

const (
	opEqual operator = iota
	opNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opMasked
)

// condition is what an argument has to be.
type condition struct {
	arg         uint8
	op          operator
	mask, value uint64
}

var operators = [...]struct {
	name oci.LinuxSeccompOperator
	op   operator
}{
	{oci.OpEqualTo, opEqual}, {oci.OpNotEqual, opNotEqual}, {oci.OpLessThan, opLess}, {oci.OpLessEqual, opLessEqual},
	{oci.OpGreaterThan, opGreater}, {oci.OpGreaterEqual, opGreaterEqual}, {oci.OpMaskedEqual, opMasked},
}

func conditionOf(a *oci.LinuxSeccompArg) (condition, error) {
	if a.Index > 5 {
		return condition{}, fmt.Errorf("index: a system call has arguments 0 to 5, found %d", a.Index)
	}
	for _, o := range operators {
		if o.name != a.Op {
			continue
		}
		c := condition{arg: uint8(a.Index), op: o.op, mask: ^uint64(0), value: a.Value}
		if c.op == opMasked { // bits of the value that the mask hides are no part of the question
			c.mask, c.value = a.Value, a.ValueTwo&a.Value
		}
		return c, nil
	}
	return condition{}, fmt.Errorf("op: unknown operator %q", a.Op)
}

// conjunctions are what has to hold together. Conditions on different
// arguments are one conjunction. Two on the same argument make each one of its
// own: runc, and so the profiles that were written for it, take such a list as
// alternatives.
func conjunctions(args []condition) [][]condition {
	seen := 0
	for _, c := range args {
		if seen&(1<<c.arg) != 0 {
			each := make([][]condition, len(args))
			for i := range args {
				each[i] = args[i : i+1]
			}
			return each
		}
		seen |= 1 << c.arg
	}
	return [][]condition{args}
}
