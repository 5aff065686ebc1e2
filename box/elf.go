package box

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// The few constants of elf(5) that are needed. debug/elf has them too, and
// costs every start of keg a tenth of a millisecond.
const (
	elfMagic   = "\x7fELF"
	elfClass64 = 2 // at offset 4; 1 is 32 bits
	elfBig     = 2 // at offset 5; 1 is little-endian
	ptInterp   = 3
)

var errNotELF = errors.New("not an ELF program")

// checkStatic refuses a program that needs a loader and libraries: the box has
// none, and the kernel would report only ENOENT, naming the program.
func checkStatic(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	loader, err := elfLoader(f)
	if err != nil {
		return fmt.Errorf("busybox %s: %w", path, err)
	}
	if loader != "" {
		return fmt.Errorf("busybox %s: is not static: it needs %s", path, loader)
	}
	return nil
}

// elfLoader returns what the program header PT_INTERP names; "" for a static
// program, which has none.
func elfLoader(f io.ReaderAt) (string, error) {
	head := make([]byte, 64)
	if _, err := f.ReadAt(head, 0); err != nil || string(head[:4]) != elfMagic {
		return "", errNotELF
	}
	e := elfFile{wide: head[4] == elfClass64, order: binary.LittleEndian}
	if head[5] == elfBig {
		e.order = binary.BigEndian
	}
	table, size, count := e.table(head)
	entry := make([]byte, 56)
	for i := range int64(count) {
		if _, err := f.ReadAt(entry[:min(size, len(entry))], int64(table)+i*int64(size)); err != nil {
			return "", errNotELF
		}
		if e.order.Uint32(entry) == ptInterp {
			return e.loader(f, entry), nil
		}
	}
	return "", nil
}

type elfFile struct {
	wide  bool
	order binary.ByteOrder
}

// table says where the program headers are.
func (e elfFile) table(head []byte) (offset uint64, size, count int) {
	if e.wide {
		return e.order.Uint64(head[32:]), int(e.order.Uint16(head[54:])), int(e.order.Uint16(head[56:]))
	}
	return uint64(e.order.Uint32(head[28:])), int(e.order.Uint16(head[42:])), int(e.order.Uint16(head[44:]))
}

// loader reads the name that a PT_INTERP header points to.
func (e elfFile) loader(f io.ReaderAt, header []byte) string {
	offset, size := uint64(e.order.Uint32(header[4:])), uint64(e.order.Uint32(header[16:]))
	if e.wide {
		offset, size = e.order.Uint64(header[8:]), e.order.Uint64(header[32:])
	}
	name := make([]byte, min(size, 256))
	n, _ := f.ReadAt(name, int64(offset))
	return strings.TrimRight(string(name[:n]), "\x00")
}
