package program

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Where the interpreter finds a program. The addresses are below 4 GiB, so 32
// bits name them, and far from where the kernel puts anything by itself.
const (
	CodeBase = 0x10000000 // the interpreter's code
	DataBase = 0x10100000 // the program: header, data, ops

	HeaderReport = 0  // fd that failures are reported to (u64)
	HeaderEntry  = 8  // address of the first op (u64)
	HeaderRecord = 16 // room for the failure record: op address, errno (u32 each)
	headerSize   = 24
)

// MaxSize bounds a program, ops and data together.
const MaxSize = 16 << 20

// Builder collects the ops of a program and the data that they point to. The
// address of data is final as soon as it is added, so structs can hold
// pointers to it.
type Builder struct {
	ops    []Op
	data   []byte
	labels []int32 // index of the op that a label marks, -1 while unknown
	texts  map[string]uint32
	lists  []list
}

// list is an array of strings, remembered for those who read the program.
type list struct {
	addr  uint32
	items []Arg
}

// NewBuilder returns an empty program.
func NewBuilder() *Builder {
	b := &Builder{
		ops:    make([]Op, 0, 384),
		data:   make([]byte, headerSize, 16<<10),
		labels: make([]int32, 1, 256),
		texts:  make(map[string]uint32, 128),
	}
	return b
}

// Add appends an op and returns its index.
func (b *Builder) Add(op Op) int {
	b.ops = append(b.ops, op)
	return len(b.ops) - 1
}

// SetArg changes argument k of the op at index i: to what is known only later.
func (b *Builder) SetArg(i, k int, a Arg) { b.ops[i].Args[k] = a }

// Last is the op that was added last, to be refined.
func (b *Builder) Last() *Op { return &b.ops[len(b.ops)-1] }

// Grow makes room for n more ops: a program of thousands is not to be copied
// again and again while it grows.
func (b *Builder) Grow(n int) { b.ops = slices.Grow(b.ops, n) }

// Ops returns the ops so far; the caller must not change them.
func (b *Builder) Ops() []Op { return b.ops }

// NewLabel makes a label for a place that Mark sets later.
func (b *Builder) NewLabel() Label {
	b.labels = append(b.labels, -1)
	return Label(len(b.labels) - 1)
}

// Mark sets the label to the next op that is added.
func (b *Builder) Mark(l Label) { b.labels[l] = int32(len(b.ops)) }

// Target is the index of the op that the label marks; -1 if none.
func (b *Builder) Target(l Label) int { return int(b.labels[l]) }

func (b *Builder) align(n int) {
	for len(b.data)%n != 0 {
		b.data = append(b.data, 0)
	}
}

func (b *Builder) here() uint32 { return uint32(DataBase + len(b.data)) }

// Text is the address of a NUL-terminated string. Equal strings share one
// place: nothing writes to them.
func (b *Builder) Text(s string) Arg {
	addr, ok := b.texts[s]
	if !ok {
		addr = b.here()
		b.data = append(append(b.data, s...), 0)
		b.texts[s] = addr
	}
	return Arg{kind: argText, n: uint64(addr), text: s}
}

// Bytes is the address of a copy of p, aligned to eight bytes; name is how it
// is printed.
func (b *Builder) Bytes(p []byte, name string) Arg {
	b.align(8)
	addr := b.here()
	b.data = append(b.data, p...)
	return Arg{kind: argData, n: uint64(addr), text: name}
}

// Words is the address of 64-bit words in the machine's byte order.
func (b *Builder) Words(name string, words ...uint64) Arg {
	b.align(8)
	addr := b.here()
	for _, w := range words {
		b.data = binary.NativeEndian.AppendUint64(b.data, w)
	}
	return Arg{kind: argData, n: uint64(addr), text: name}
}

// Zero is the address of n zero bytes.
func (b *Builder) Zero(n int, name string) Arg { return b.Bytes(make([]byte, n), name) }

// NewSlot makes a slot; name is how it is printed.
func (b *Builder) NewSlot(name string) Slot {
	a := b.Words(name, ^uint64(0))
	return Slot{uint32(a.n), name}
}

// ReportSlot is the header's word that names the fd for failures.
func (b *Builder) ReportSlot() Slot { return Slot{DataBase + HeaderReport, "report"} }

// SlotAt makes a slot of the eight bytes at offset off in data.
func (b *Builder) SlotAt(data Arg, off int, name string) Slot {
	return Slot{uint32(data.n) + uint32(off), name}
}

// Strings is the address of a NULL-terminated array of strings, as execve
// takes them.
func (b *Builder) Strings(name string, items []Arg) Arg {
	words := make([]uint64, len(items)+1)
	for i, a := range items {
		words[i] = a.n
	}
	array := b.Words(name, words...)
	b.lists = append(b.lists, list{uint32(array.n), items})
	return array
}

// Address is where the argument's data lies.
func (a Arg) Address() uint64 { return a.n }

var errTooLarge = errors.New("the container's program is larger than 16 MiB (too many mounts, paths, arguments or variables)")

func (b *Builder) check(op *Op, i int) error {
	bad := func(l Label) bool { return l != 0 && (int(l) >= len(b.labels) || b.labels[l] < 0) }
	if bad(op.Next) || bad(op.Want.Else) || bad(op.On[0].To) || bad(op.On[1].To) {
		return fmt.Errorf("keg's own fault, please report it: op %d (%s) goes to a label that is nowhere", i, op.Call.Name)
	}
	return nil
}
