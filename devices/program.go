package devices

import (
	"errors"
	"math"
	"slices"
)

// Name is that of the program, by which keg finds its own among others that are
// attached to a cgroup.
const Name = "keg_devices"

// Opcodes. Documentation/bpf/standardization/instruction-set.rst
const (
	opLoad   = 0x61 // 32 bits from memory
	opMove   = 0xb7 // a constant
	opCopy   = 0xbf // a register
	opAnd    = 0x57 // with a constant
	opShift  = 0x77 // right, by a constant
	opJump   = 0x05
	opEqual  = 0x15 // jump if equal to a constant
	opUnlike = 0x55 // jump if not
	opExit   = 0x95
)

// Registers. The result is in the first, the context in the second.
const (
	rResult = iota
	rContext
	rAccess
	rKind
	rMajor
	rMinor
)

const (
	kindBlock = 1 // BPF_DEVCG_DEV_BLOCK
	denied    = 0
	allowed   = 1
)

// instruction is struct bpf_insn as a little-endian machine has it.
func instruction(op, to, from uint8, offset int16, constant int32) uint64 {
	return uint64(op) | uint64(to|from<<4)<<8 | uint64(uint16(offset))<<16 | uint64(uint32(constant))<<32
}

// Program is the set as instructions. Those of a device are found by comparing
// its major number with each that has rules of its own, then the minor; what
// remains is a jump to a verdict, and equal verdicts are there once.
func (s *Set) Program() ([]uint64, error) {
	if s.AllowsAll() {
		return []uint64{instruction(opMove, rResult, 0, 0, allowed), instruction(opExit, 0, 0, 0, 0)}, nil
	}
	var a assembler
	a.load()
	if !slices.Equal(s.char, s.block) {
		char := a.branch(opUnlike, rKind, kindBlock)
		a.table(s.block)
		a.land(char)
	}
	a.table(s.char)
	a.verdicts()
	if a.far {
		return nil, errors.New(Field + ": there are too many rules for a program")
	}
	return a.code, nil
}

type assembler struct {
	code []uint64
	to   [Everything + 1][]int // jumps to the verdict on a device to which that much may be done
	far  bool                  // a jump is too long for an instruction
}

func (a *assembler) add(op, to, from uint8, offset int16, constant int32) {
	a.code = append(a.code, instruction(op, to, from, offset, constant))
}

// load takes struct bpf_cgroup_dev_ctx apart: access << 16 | kind, major, minor.
func (a *assembler) load() {
	a.add(opLoad, rAccess, rContext, 0, 0)
	a.add(opLoad, rMajor, rContext, 4, 0)
	a.add(opLoad, rMinor, rContext, 8, 0)
	a.add(opCopy, rKind, rAccess, 0, 0)
	a.add(opAnd, rKind, 0, 0, math.MaxUint16)
	a.add(opShift, rAccess, 0, 0, 16)
}

// branch adds a jump whose end is not known yet.
func (a *assembler) branch(op, register uint8, constant int32) int {
	a.add(op, register, 0, 0, constant)
	return len(a.code) - 1
}

// land lets jumps end here.
func (a *assembler) land(jumps ...int) {
	for _, i := range jumps {
		offset := len(a.code) - i - 1
		a.far = a.far || offset > math.MaxInt16
		a.code[i] |= uint64(uint16(offset)) << 16
	}
}

// table adds the comparisons: the entries of a major number follow one another.
func (a *assembler) table(t table) {
	for len(t) > 0 {
		n := 1
		for n < len(t) && t[n].major == t[0].major {
			n++
		}
		a.major(t[:n])
		t = t[n:]
	}
}

// major falls through where none of the entries covers the device.
func (a *assembler) major(t table) {
	if t[0].major == Any {
		a.minors(t)
		return
	}
	if len(t) == 1 && t[0].minor == Any {
		a.verdict(t[0].may, a.branch(opEqual, rMajor, int32(t[0].major)))
		return
	}
	other := a.branch(opUnlike, rMajor, int32(t[0].major))
	a.minors(t)
	a.land(other)
}

func (a *assembler) minors(t table) {
	for _, e := range t {
		if e.minor == Any {
			a.verdict(e.may, a.branch(opJump, 0, 0))
		} else {
			a.verdict(e.may, a.branch(opEqual, rMinor, int32(e.minor)))
		}
	}
}

func (a *assembler) verdict(may Access, jump int) { a.to[may] = append(a.to[may], jump) }

// verdicts adds what the jumps lead to. What asks for more than may be done is
// denied: an open for reading and writing needs both.
func (a *assembler) verdicts() {
	for may := Everything - 1; may > 0; may-- {
		if len(a.to[may]) == 0 {
			continue
		}
		a.land(a.to[may]...)
		a.add(opAnd, rAccess, 0, 0, int32(Everything&^may))
		a.verdict(denied, a.branch(opUnlike, rAccess, 0))
		a.verdict(Everything, a.branch(opJump, 0, 0))
	}
	a.land(a.to[Everything]...)
	if len(a.to[Everything]) > 0 {
		a.add(opMove, rResult, 0, 0, allowed)
		a.add(opExit, 0, 0, 0, 0)
	}
	a.land(a.to[0]...)
	if len(a.to[0]) > 0 {
		a.add(opMove, rResult, 0, 0, denied)
		a.add(opExit, 0, 0, 0, 0)
	}
}
