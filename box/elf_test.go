package box

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// elf32 is a 32-bit file of the byte order with one program header.
func elf32(order binary.AppendByteOrder, mark byte, kind uint32) []byte {
	file := make([]byte, 52, 128)
	copy(file, "\x7fELF\x01")
	file[5] = mark
	put := order.AppendUint32(nil, 52)
	copy(file[28:], put)                                        // e_phoff
	copy(file[42:], order.AppendUint16(nil, 32))                // e_phentsize
	copy(file[44:], order.AppendUint16(nil, 1))                 // e_phnum
	for _, word := range []uint32{kind, 84, 0, 0, 8, 8, 4, 1} { // p_type, p_offset, …, p_filesz
		file = order.AppendUint32(file, word)
	}
	return append(file, "/lib/ld\x00"...)
}

func TestELFLoader(t *testing.T) {
	cut := elf32(binary.LittleEndian, 1, ptInterp)[:60]
	for _, tc := range []struct {
		name string
		file []byte
		want string
		err  bool
	}{
		{"little-endian", elf32(binary.LittleEndian, 1, ptInterp), "/lib/ld", false},
		{"big-endian", elf32(binary.BigEndian, 2, ptInterp), "/lib/ld", false},
		{"static", elf32(binary.LittleEndian, 1, 1), "", false},
		{"headers cut off", cut, "", true},
		{"script", bytes.Repeat([]byte("#!/bin/sh\n"), 10), "", true},
		{"short", []byte("\x7fELF"), "", true},
	} {
		got, err := elfLoader(bytes.NewReader(tc.file))
		if got != tc.want || (err != nil) != tc.err {
			t.Errorf("%s: %q, %v", tc.name, got, err)
		}
	}
}
