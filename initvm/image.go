package initvm

import (
	"encoding/binary"
	"unsafe"

	"github.com/keg-project/keg/program"
)

// The file: one page with the ELF header and the code, then the program.
const (
	codeOffset   = 0x200
	headerLength = 64
	phdrLength   = 56
	phdrCount    = 3
)

// Code is the interpreter's machine code.
func Code() []byte {
	start, end := codeRange()
	return unsafe.Slice((*byte)(start), uintptr(end)-uintptr(start))
}

// Image is a static ELF executable that runs the program. No page of it is
// both writable and executable, and its stack is not executable.
func Image(p *program.Linked) []byte {
	code := Code()
	file := make([]byte, segmentAlign, segmentAlign+len(p.Image))
	writeHeader(file)
	writeSegments(file, len(code), len(p.Image))
	copy(file[codeOffset:], code)
	return append(file, p.Image...)
}

// The few constants of elf(5) that are needed. debug/elf has them too, and
// brings compress/zlib and more into every start of keg with them.
const (
	identification = "\x7fELF\x02\x01\x01" // 64 bits, little-endian, version 1
	typeExec       = 2
	ptLoad         = 1
	ptGNUStack     = 0x6474e551
	pfX, pfW, pfR  = 1, 2, 4
)

// writeHeader writes the ELF header.
func writeHeader(file []byte) {
	e := binary.LittleEndian
	copy(file, identification)
	e.PutUint16(file[16:], typeExec)
	e.PutUint16(file[18:], machine)
	e.PutUint32(file[20:], 1)
	e.PutUint64(file[24:], program.CodeBase+codeOffset)
	e.PutUint64(file[32:], headerLength)
	e.PutUint16(file[52:], headerLength)
	e.PutUint16(file[54:], phdrLength)
	e.PutUint16(file[56:], phdrCount)
}

func writeSegments(file []byte, code, data int) {
	segment := func(i int, kind, flags uint32, off, addr, size uint64) {
		e, p := binary.LittleEndian, file[headerLength+i*phdrLength:]
		e.PutUint32(p, kind)
		e.PutUint32(p[4:], flags)
		e.PutUint64(p[8:], off)
		e.PutUint64(p[16:], addr)
		e.PutUint64(p[24:], addr)
		e.PutUint64(p[32:], size)
		e.PutUint64(p[40:], size)
		e.PutUint64(p[48:], segmentAlign)
	}
	segment(0, ptLoad, pfR|pfX, 0, program.CodeBase, uint64(codeOffset+code))
	segment(1, ptLoad, pfR|pfW, segmentAlign, program.DataBase, uint64(data))
	segment(2, ptGNUStack, pfR|pfW, 0, 0, 0)
}
