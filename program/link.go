package program

import "encoding/binary"

// Layout of an op in memory, shared with the interpreter's assembly (package
// initvm takes these by name). Offsets in bytes; all fields but the arguments
// and the two words of Want are 32 bits wide, since addresses are.
const (
	OpArgs      = 0 // six 64-bit arguments
	OpCall      = 48
	OpIndirect  = 52 // bit i: load argument i from the address it holds
	OpStore     = 56
	OpNext      = 60
	OpErrno0    = 64
	OpGoto0     = 68
	OpErrno1    = 72
	OpGoto1     = 76
	OpRetry     = 80
	OpWant      = 84 // 0: any result will do
	OpElse      = 88
	OpWantMask  = 96
	OpWantValue = 104
	OpSize      = 112
)

// Linked is a program laid out at DataBase.
type Linked struct {
	Image []byte
	first uint32 // address of op 0
}

// OpIndex says which op lies at addr.
func (l *Linked) OpIndex(addr uint32) (int, bool) {
	if addr < l.first || (addr-l.first)%OpSize != 0 {
		return 0, false
	}
	return int(addr-l.first) / OpSize, true
}

// Link lays the program out. Failures go to file descriptor report.
func (b *Builder) Link(report int) (*Linked, error) {
	b.align(8)
	first := b.here()
	if len(b.data)+len(b.ops)*OpSize > MaxSize {
		return nil, errTooLarge
	}
	image := make([]byte, len(b.data)+len(b.ops)*OpSize)
	copy(image, b.data)
	binary.NativeEndian.PutUint64(image[HeaderReport:], uint64(report))
	binary.NativeEndian.PutUint64(image[HeaderEntry:], uint64(first))
	for i := range b.ops {
		if err := b.check(&b.ops[i], i); err != nil {
			return nil, err
		}
		b.encode(image[len(b.data)+i*OpSize:], i, first)
	}
	return &Linked{image, first}, nil
}

func (b *Builder) encode(p []byte, i int, first uint32) {
	op := &b.ops[i]
	e := binary.NativeEndian
	next := first + uint32(i+1)*OpSize
	place := func(l Label, otherwise uint32) uint32 {
		if l == 0 {
			return otherwise
		}
		return first + uint32(b.labels[l])*OpSize
	}
	var indirect uint32
	for k, a := range op.Args {
		e.PutUint64(p[OpArgs+8*k:], a.n)
		if a.kind == argLoad {
			indirect |= 1 << k
		}
	}
	next = place(op.Next, next)
	e.PutUint32(p[OpCall:], op.Call.Nr)
	e.PutUint32(p[OpIndirect:], indirect)
	e.PutUint32(p[OpStore:], op.Store.addr)
	e.PutUint32(p[OpNext:], next)
	e.PutUint32(p[OpErrno0:], uint32(op.On[0].Errno))
	e.PutUint32(p[OpGoto0:], place(op.On[0].To, next))
	e.PutUint32(p[OpErrno1:], uint32(op.On[1].Errno))
	e.PutUint32(p[OpGoto1:], place(op.On[1].To, next))
	e.PutUint32(p[OpRetry:], op.Retry)
	if op.Want.Mask != 0 {
		e.PutUint32(p[OpWant:], 1)
		e.PutUint32(p[OpElse:], place(op.Want.Else, 0))
		e.PutUint64(p[OpWantMask:], op.Want.Mask)
		e.PutUint64(p[OpWantValue:], op.Want.Value)
	}
}
