package program

import (
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/linux"
)

// Line is an op as a person reads it.
type Line struct {
	Call string   // `openat2(root, "proc", …) = target`
	Flow []string // what else may follow than the next op, or the program's failure
}

// Describe tells what op i does. place names the op at an index: jumps are
// printed with it.
func (b *Builder) Describe(i int, place func(op int) string) Line {
	l := listing{b, &b.ops[i], i, place}
	if l.op.Call == Set {
		return l.set()
	}
	var flow []string
	if l.op.Next != 0 && !l.isNext(l.op.Next) {
		flow = append(flow, "success: "+l.jump(l.op.Next))
	}
	if w := &l.op.Want; w.Mask != 0 {
		flow = append(flow, "unless the result is "+w.text()+": "+l.otherwise())
	}
	flow = append(flow, l.branches()...)
	if l.op.Retry > 0 {
		flow = append(flow, "EAGAIN: retry")
	}
	return Line{l.call(), flow}
}

// listing is the op that is being described.
type listing struct {
	b     *Builder
	op    *Op
	i     int
	place func(op int) string
}

// isNext reports a label that stands where the program goes on anyway.
func (l *listing) isNext(to Label) bool { return l.b.Target(to) == l.i+1 }

func (l *listing) jump(to Label) string { return "go to " + l.place(l.b.Target(to)) }

func (l *listing) branches() []string {
	var flow []string
	for _, on := range l.op.On {
		to := on.To
		if to == 0 {
			to = l.op.Next
		}
		switch {
		case on.Errno == 0:
		case to == 0 || l.isNext(to):
			flow = append(flow, errnoName(on.Errno)+": go on")
		default:
			flow = append(flow, errnoName(on.Errno)+": "+l.jump(to))
		}
	}
	return flow
}

func (l *listing) otherwise() string {
	if l.op.Want.Else != 0 {
		return l.jump(l.op.Want.Else)
	}
	return "fail"
}

// call is the op as a system call.
func (l *listing) call() string {
	var s strings.Builder
	s.WriteString(l.op.Call.Name + "(")
	for i, f := range l.op.Call.Args {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(l.b.text(l.op.Args[i], f))
	}
	s.WriteByte(')')
	if l.op.Store.addr != 0 {
		s.WriteString(" = " + l.op.Store.name)
	}
	return s.String()
}

// set is an op without a system call: an assignment, a check, a jump or a
// failure.
func (l *listing) set() Line {
	a, w := l.op.Args[0], &l.op.Want
	value := l.b.text(a, Int)
	jumps := l.op.Next != 0 && !l.isNext(l.op.Next)
	switch n := -int64(a.n); {
	case l.op.Store.addr != 0:
		line := Line{Call: l.op.Store.name + " = " + value}
		if jumps {
			line.Flow = []string{l.jump(l.op.Next)}
		}
		return line
	case w.Mask != 0:
		check := Line{Call: "check that " + value + " is " + w.text()}
		if jumps {
			check.Flow = append(check.Flow, "if so: "+l.jump(l.op.Next))
		}
		if w.Else != 0 && !l.isNext(w.Else) {
			check.Flow = append(check.Flow, "otherwise: "+l.otherwise())
		}
		return check
	case a.kind == argInt && n > 0 && n < 4096:
		return Line{Call: "fail with " + linux.ErrnoName(syscall.Errno(n))}
	case a.kind == argLoad:
		return l.look(value, jumps)
	case jumps:
		return Line{Call: l.jump(l.op.Next)}
	}
	return Line{Call: "go on"}
}

// look is an op that only tells whether a value is an errno.
func (l *listing) look(value string, jumps bool) Line {
	line := Line{Call: "look at " + value}
	if jumps {
		line.Flow = []string{"good: " + l.jump(l.op.Next)}
	}
	line.Flow = append(line.Flow, l.branches()...)
	return line
}

// text is the required result: by its name, if it has one.
func (w *Want) text() string {
	if w.Name != "" {
		return w.Name
	}
	return strconv.FormatUint(w.Value, 10)
}

// text prints an argument; arrays of strings with what is in them.
func (b *Builder) text(a Arg, f Format) string {
	if a.kind == argData {
		for _, l := range b.lists {
			if uint64(l.addr) == a.n {
				return b.listText(l.items)
			}
		}
	}
	return a.format(f)
}

func (b *Builder) listText(items []Arg) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = item.format(Path)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func errnoName(e syscall.Errno) string {
	if e == ^syscall.Errno(0) {
		return "any other errno"
	}
	return linux.ErrnoName(e)
}
