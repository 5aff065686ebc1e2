package plan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"github.com/keg-project/keg/program"
)

// Failure is an op of the init that failed.
type Failure struct {
	Step  Step
	Call  string
	Path  string // the path it was about, if any
	Errno syscall.Errno
	Text  string // instead of the errno's own text
	Hint  string // what to do
}

// Error names the field, the step, the call, the path and the errno.
func (f *Failure) Error() string {
	var s strings.Builder
	if f.Step.Field != "" {
		s.WriteString(f.Step.Field + ": ")
	}
	s.WriteString(f.Step.Title + ": ")
	if f.Text != "" {
		s.WriteString(f.Text)
	} else {
		s.WriteString(f.Call)
		if f.Path != "" {
			s.WriteString(" " + f.Path)
		}
		s.WriteString(": " + f.Errno.Error())
	}
	if f.Hint != "" {
		s.WriteString(" (hint: " + f.Hint + ")")
	}
	return s.String()
}

// Unwrap makes errors.Is work on the errno.
func (f *Failure) Unwrap() error {
	if f.Errno == 0 {
		return nil
	}
	return f.Errno
}

// Failure finds the step that a failure record of the init is about. head has
// the first bytes of a program that could not be executed.
func (p *Plan) Failure(linked *program.Linked, record, head []byte) error {
	i, ok := linked.OpIndex(binary.NativeEndian.Uint32(record))
	if !ok || i >= len(p.Program.Ops()) {
		return errors.New("keg's own fault, please report it: the init reported an op that is not in its program")
	}
	op := &p.Program.Ops()[i]
	f := &Failure{Step: p.stepOf(i), Call: op.Call.Name, Errno: syscall.Errno(binary.NativeEndian.Uint32(record[4:]))}
	for i, format := range op.Call.Args {
		if text, ok := op.Args[i].IsText(); ok && format.IsPath() && text != "" && text != "." {
			f.Path = text
			break
		}
	}
	if f.Path == "" && op.Call == program.Set {
		f.Path = p.pathBefore(i, f.Step.First)
	}
	p.explain(f, op, head)
	return f
}

// pathBefore is the path that a check is about: the last one before it in its
// step.
func (p *Plan) pathBefore(i, first int) string {
	for ; i >= first; i-- {
		op := &p.Program.Ops()[i]
		for k, format := range op.Call.Args {
			if text, ok := op.Args[k].IsText(); ok && format.IsPath() && text != "" && text != "." {
				return text
			}
		}
	}
	return ""
}

func (p *Plan) stepOf(i int) Step {
	for _, s := range p.Init {
		if i >= s.First && i < s.End {
			return s
		}
	}
	return Step{Title: fmt.Sprintf("op %d", i)}
}

// explain says in words what an errno means in its step.
func (p *Plan) explain(f *Failure, op *program.Op, head []byte) {
	switch {
	case op.Call == program.Set && f.Errno != 0 && strings.HasPrefix(f.Step.Field, "process.args"):
		p.explainLookup(f, head)
	case op.Call == program.Set:
		explainCheck(f)
	case op.Call == program.Faccessat2:
		p.explainLookup(f, nil)
	case f.Errno == 0 && op.Call == program.Read:
		f.Text = "keg, or whoever waited for the container, has died"
	case f.Errno == 0:
		f.Text = op.Call.Name + " did less than it was asked for"
	default:
		f.Hint = hint(f, op)
	}
}

// escaped is text of an image's as one word of one line, whatever it consists of.
func escaped(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}

func quote(s string) string { return "\"" + s + "\"" }
