package seccomp

import "encoding/binary"

// compare goes on at yes if the condition holds, and at no otherwise. BPF
// reads words: the upper half of an argument first, and the lower one if that
// leaves the question open. Of ABIs that are 32 bits wide only the lower half
// counts, and of values for them as well.
func (e *emitter) compare(c *condition, wide bool, yes, no label) label {
	hi, lo := uint32(c.value>>32), uint32(c.value)
	hiMask, loMask := uint32(c.mask>>32), uint32(c.mask)
	switch c.op {
	case opEqual, opMasked:
		at := e.equal(c.arg, lower, loMask, lo, yes, no)
		if wide {
			at = e.equal(c.arg, upper, hiMask, hi, at, no)
		}
		return at
	case opNotEqual:
		at := e.equal(c.arg, lower, loMask, lo, no, yes)
		if wide {
			at = e.equal(c.arg, upper, hiMask, hi, at, yes)
		}
		return at
	case opLess:
		return e.order(c.arg, opJumpGE, hi, lo, wide, no, yes)
	case opLessEqual:
		return e.order(c.arg, opJumpGT, hi, lo, wide, no, yes)
	case opGreater:
		return e.order(c.arg, opJumpGT, hi, lo, wide, yes, no)
	}
	return e.order(c.arg, opJumpGE, hi, lo, wide, yes, no)
}

// half says which half of an argument is read.
type half uint32

const (
	lower half = iota
	upper
)

// at is where half of an argument lies in seccomp_data.
func (h half) at(arg uint8) uint32 {
	offset := offsetArgs + 8*uint32(arg)
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 == (h == upper) {
		offset += 4
	}
	return offset
}

// equal compares one half under a mask. A mask that hides all of it leaves
// nothing to ask.
func (e *emitter) equal(arg uint8, h half, mask, value uint32, yes, no label) label {
	if mask == 0 {
		return yes
	}
	if mask != ^uint32(0) && value == 0 { // one instruction instead of two
		return e.load(h.at(arg), e.branch(opJumpSET, mask, no, yes))
	}
	at := e.branch(opJumpEQ, value, yes, no)
	if mask != ^uint32(0) {
		at = e.and(mask, at)
	}
	return e.load(h.at(arg), at)
}

// order compares numbers: greater, or greater or equal, by op.
func (e *emitter) order(arg uint8, op uint16, hi, lo uint32, wide bool, yes, no label) label {
	at := e.load(lower.at(arg), e.branch(op, lo, yes, no))
	if !wide {
		return at
	}
	equal := e.branch(opJumpEQ, hi, at, no)
	return e.load(upper.at(arg), e.branch(opJumpGT, hi, yes, equal))
}
