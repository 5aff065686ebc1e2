// Package program holds a list of system calls as a value: ops, the data they
// point to, labels, and the linker that lays them out at fixed addresses for
// the interpreter of package initvm.
//
// It is not for deciding what to call: it knows nothing of containers, and
// nothing in it makes a system call.
package program

import "syscall"

// Op is one system call and what follows from its result.
type Op struct {
	Call  *Call
	Args  [6]Arg
	Store Slot      // where the result goes; the zero Slot: nowhere
	On    [2]Branch // errnos that are not failures
	Want  Want      // a result that is required
	Retry uint32    // how often EAGAIN is tried again (openat2 races renames)
	Next  Label     // 0: the following op
}

// Branch says where to go on an errno. A Branch to label 0 goes on with the
// op's own Next.
type Branch struct {
	Errno syscall.Errno
	To    Label
}

// AnyErrno in the second Branch stands for every errno that the first is not.
const AnyErrno = -1

// Otherwise is the Branch for every other errno.
func Otherwise(to Label) Branch { return Branch{Errno: ^syscall.Errno(0), To: to} }

// Want requires result&Mask == Value. Otherwise the program goes on at Else or,
// if that is 0, fails. The zero Want requires nothing.
type Want struct {
	Mask, Value uint64
	Else        Label
	Name        string // how Value is printed; "": as a number
}

// Exactly requires the whole result to be v.
func Exactly(v uint64) Want { return Want{Mask: ^uint64(0), Value: v} }

// Or goes on at otherwise where the result is another.
func (w Want) Or(otherwise Label) Want {
	w.Else = otherwise
	return w
}

// Label names a place in a program before it is known where that is.
type Label uint32

// Slot is eight bytes of the program's memory that an op's result is stored
// into and that later ops load arguments from. It starts as -1, so that an op
// whose fd was never opened fails with EBADF instead of acting on fd 0.
type Slot struct {
	addr uint32
	name string
}

// Load is the argument whose value is what the slot holds then.
func (s Slot) Load() Arg { return Arg{kind: argLoad, n: uint64(s.addr), text: s.name} }

// Addr is the argument that points to the slot.
func (s Slot) Addr() Arg { return Arg{kind: argData, n: uint64(s.addr), text: "&" + s.name} }

type argKind uint8

const (
	argInt argKind = iota
	argText
	argData
	argLoad
)

// Arg is one argument of an op: a number, the address of a string or of other
// data, or the value of a slot at that time.
type Arg struct {
	kind argKind
	n    uint64
	text string
}

// N is a number.
func N[T ~int | ~int32 | ~int64 | ~uint | ~uint32 | ~uint64](v T) Arg {
	return Arg{n: uint64(v)}
}

// FDNamed is a constant file descriptor with the name by which it is printed.
func FDNamed(fd int, name string) Arg { return Named(fd, name) }

// Named is a number with the name by which it is printed.
func Named[T ~int | ~int32 | ~int64 | ~uint | ~uint32 | ~uint64](v T, name string) Arg {
	return Arg{n: uint64(v), text: name}
}

// IsText reports the string that an argument points to, if it does.
func (a Arg) IsText() (string, bool) { return a.text, a.kind == argText }

// Constant is the value of an argument that is known before the program runs.
func (a Arg) Constant() (uint64, bool) { return a.n, a.kind != argLoad }

// Plus is the address n bytes further.
func (a Arg) Plus(n int) Arg { a.n += uint64(n); return a }
